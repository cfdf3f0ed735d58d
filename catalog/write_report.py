"""The report of one write into a catalog."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WriteReport:
    """
    Represents the outcome of one write.

    Attributes
    ----------
    identifier : str
        The instrument id, or the bar type.
    rows : dict[str, int]
        How many rows of each data type of the input are now in the catalog.
    start_ns, end_ns : int
        The first and the last `ts_init` (ns UTC).
    unordered : int
        The input rows that were earlier than a row before them and have been sorted in.
    repeats : int
        The input rows that were dropped as repetitions of an earlier row.
    files_written, files_unchanged : int
        The data files that are new, and those that were there before with the same content.
    files_refined : int
        The data files of the catalog that now name more decimals, for rows on a finer step.

    """

    identifier: str
    rows: dict[str, int]
    start_ns: int
    end_ns: int
    unordered: int
    repeats: int
    files_written: int
    files_unchanged: int
    files_refined: int = 0

    def warnings(self) -> list[str]:
        """Return remarks on the input for the user, one line each."""
        lines = []
        if self.unordered:
            lines.append(f"rows not in order of time, now sorted: {self.unordered:,}")
        if self.repeats:
            lines.append(f"rows dropped as repetitions of an earlier row: {self.repeats:,}")
        if self.files_refined:
            lines.append(
                f"files of the catalog that got a finer unit, values unchanged: "
                f"{self.files_refined:,}"
            )
        return lines
