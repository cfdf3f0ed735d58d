"""The gate that every command passes before it computes anything from a catalog."""

from collections.abc import Collection
from pathlib import Path

from catalog.checks import check_catalog
from catalog.layout import END_OF_TIME
from catalog.layout import TICK_TYPES
from errors import AuctionError


def pass_gate(
    catalog_path: Path,
    instrument_id: str,
    data_types: Collection[str] = TICK_TYPES,
    start_ns: int = 0,
    end_ns: int = END_OF_TIME,
) -> None:
    """
    Refuse data without a unique order, or that differ from what was written.

    Errors of `catalog check` are errors here, in the same words: a damaged file or page, a name
    that does not match the interval of the file, rows out of order, a common time of trades and
    quotes, values off the grid or of another width, sizes of zero, unknown sides, impossible times
    and data of another contract than that of the definition. All rows are read, with the checksums
    of their pages, before a native library reads the file.

    Parameters
    ----------
    catalog_path : Path
        The catalog.
    instrument_id : str
        The instrument.
    data_types : Collection[str], default trades and quotes
        The folders of the catalog to read.
    start_ns, end_ns : int, default all
        The interval of `ts_init` (ns UTC), both ends included.

    Raises
    ------
    AuctionError
        If the data are refused; the message names the first problem and the number of others.

    """
    check = check_catalog(
        catalog_path, instrument_id, data_types=data_types, window=(start_ns, end_ns)
    )
    errors = [problem for problem in check.problems if problem.severity == "error"]
    if errors:
        more = f" (and {len(errors) - 1} more: `auction catalog check`)" if errors[1:] else ""
        raise AuctionError(f"{errors[0].identifier}: {errors[0].text}{more}")
