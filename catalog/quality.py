"""
Quality labels of the data in a catalog, in a separate file for each Parquet file.

`quality/TYPE/INSTRUMENT/NAME.json` holds the labels of `data/TYPE/INSTRUMENT/NAME.parquet`. In an
older catalog they are keys in the metadata of the Parquet file, which apply as long as it has no
file of labels.
"""

import json
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from catalog.layout import is_quality
from errors import AuctionError


FOLDER = "quality"
_OLD_KEY = b"auction.quality."


def labels_path(data_path: Path) -> Path:
    """Return the file with the quality labels of a Parquet file of a catalog."""
    folder = data_path.parent
    catalog = folder.parents[2]
    return catalog / FOLDER / folder.parent.name / folder.name / f"{data_path.stem}.json"


def quality_labels(data_path: Path, schema: pa.Schema) -> set[str]:
    """
    Return the quality labels of a Parquet file of a catalog; none for data of other origin.

    Parameters
    ----------
    data_path : Path
        The Parquet file.
    schema : pa.Schema
        Its schema.

    Raises
    ------
    AuctionError
        If the file of labels cannot be read.

    """
    path = labels_path(data_path)
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        keys = schema.metadata or {}
        return {key.removeprefix(_OLD_KEY).decode() for key in keys if key.startswith(_OLD_KEY)}
    except (OSError, ValueError) as e:
        raise _unreadable(path, data_path, str(e)) from e
    if not (isinstance(found, list) and found and all(map(is_quality, found))):
        raise _unreadable(path, data_path, "it must be a list of known labels")
    return set(found)


def write_labels(path: Path, labels: Iterable[str]) -> None:
    """Write quality labels into a new file."""
    path.write_text(json.dumps(sorted(labels)) + "\n")


def without_labels(table: pa.Table) -> pa.Table:
    """Return the table of a Parquet file without the quality labels of an older catalog."""
    metadata = table.schema.metadata or {}
    kept = {key: value for key, value in metadata.items() if not key.startswith(_OLD_KEY)}
    return table.replace_schema_metadata(kept)


def _unreadable(path: Path, data_path: Path, reason: str) -> AuctionError:
    return AuctionError(
        f"{path}: the quality labels cannot be read ({reason}): delete it and {data_path.name}, "
        "and ingest that day again"
    )
