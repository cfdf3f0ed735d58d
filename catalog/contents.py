"""Lists the contents of a Parquet catalog."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import rich
from rich.markup import escape
from rich.table import Table

from catalog.columns import open_parquet
from catalog.layout import DATA_TYPES
from catalog.layout import NOUNS
from catalog.layout import DataFile
from catalog.layout import files_in
from catalog.layout import instrument_of
from catalog.layout import utc_text
from catalog.quality import quality_labels
from catalog.recording.locks import FILES
from catalog.recording.locks import reading
from errors import AuctionError


FILL_IT = "fill it with `auction catalog sample` or `auction catalog ingest`"


@dataclass(frozen=True, slots=True)
class Content:
    """
    Represents one data type of one instrument in a catalog.

    Attributes
    ----------
    identifier : str
        The instrument id; the bar type for bars; empty for data of no instrument.
    data_type : str
        The name of the type's folder (``trade_tick``).
    rows : int
        The number of rows.
    start_ns, end_ns : int
        The first and the last `ts_init` (ns UTC).
    quality : tuple[str, ...]
        The data quality labels, sorted; empty if the data have none.
    files : tuple[DataFile, ...]
        The files in order of time.

    """

    identifier: str
    data_type: str
    rows: int
    start_ns: int
    end_ns: int
    quality: tuple[str, ...]
    files: tuple[DataFile, ...]


def list_contents(catalog_path: Path) -> list[Content]:
    """
    List the instruments and data of a catalog.

    Returns
    -------
    list[Content]
        Sorted by identifier and data type.

    Raises
    ------
    AuctionError
        If the catalog is missing or empty, or a file cannot be read.

    """
    contents = []
    for data_type, identifier, files in stored_data(catalog_path):
        rows = 0
        labels: set[str] = set()
        for file in files:
            with open_parquet(file.path) as parquet:
                rows += parquet.metadata.num_rows
                labels |= quality_labels(file.path, parquet.schema_arrow)
        contents.append(
            Content(
                identifier=identifier,
                data_type=data_type,
                rows=rows,
                start_ns=files[0].start_ns,
                end_ns=max(file.end_ns for file in files),
                quality=tuple(sorted(labels)),
                files=tuple(files),
            ),
        )
    return contents


def data_quality(
    catalog_path: Path,
    instrument_id: str,
    data_types: Collection[str] = DATA_TYPES,
) -> set[str]:
    """
    Return the quality labels of an instrument's data, by default of its ticks and bars.

    Data without a label, from another origin, add nothing.

    Raises
    ------
    AuctionError
        If the catalog is missing or empty, or a file of the instrument cannot be read.

    """
    labels: set[str] = set()
    for data_type, identifier, files in stored_data(catalog_path):
        if data_type in data_types and instrument_of(data_type, identifier) == instrument_id:
            for file in files:
                with open_parquet(file.path) as parquet:
                    labels |= quality_labels(file.path, parquet.schema_arrow)
    return labels


def print_contents(catalog_path: Path) -> None:
    """
    Print a table of the contents of a catalog.

    Raises
    ------
    AuctionError
        If the catalog is missing or empty, or a file cannot be read.

    """
    table = Table(title=escape(f"Catalog {catalog_path}"), box=None, padding=(0, 1, 0, 0))
    for heading in ("instrument", "data", "rows", "first (UTC)", "last (UTC)", "quality"):
        table.add_column(
            heading,
            justify="right" if heading == "rows" else "left",
            no_wrap=heading != "quality",
            overflow="fold",
        )
    with reading(catalog_path, FILES):
        contents = list_contents(catalog_path)
    with_data = {c.identifier for c in contents if c.data_type in NOUNS}
    for content in contents:
        is_data = content.data_type in NOUNS
        # The definition is shown only without data, where it means that the data are missing.
        if not is_data and content.identifier in with_data:
            continue
        table.add_row(
            escape(content.identifier),
            NOUNS.get(content.data_type, content.data_type),
            f"{content.rows:,}",
            utc_text(content.start_ns)[:16] if is_data else "",
            utc_text(content.end_ns)[:16] if is_data else "",
            ", ".join(content.quality),
        )
    rich.print(table)


def stored_data(catalog_path: Path) -> list[tuple[str, str, list[DataFile]]]:
    """
    Return data type, identifier and files of everything in a catalog, without opening a file.

    Returns
    -------
    list[tuple[str, str, list[DataFile]]]
        Sorted by identifier and data type.

    Raises
    ------
    AuctionError
        If the catalog is missing or empty.

    """
    root = Path(catalog_path) / "data"
    if not Path(catalog_path).is_dir():
        raise AuctionError(f"catalog {catalog_path} does not exist: {FILL_IT}")
    found = []
    for folder in {path.parent for path in root.glob("**/*.parquet")}:
        files = files_in(folder)
        if files:
            data_type, *identifier = folder.relative_to(root).parts
            found.append((data_type, "/".join(identifier), files))
    if not found:
        raise AuctionError(f"catalog {catalog_path} is empty: {FILL_IT}")
    return sorted(found, key=lambda entry: (entry[1], entry[0]))
