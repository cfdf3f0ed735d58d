"""Transactions of several writes into a catalog."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Set
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa

from catalog.arrow import column
from catalog.arrow import encode_table
from catalog.identity import check_contract
from catalog.increments import find_increments
from catalog.increments import instrument_files
from catalog.increments import instrument_increments
from catalog.layout import BARS
from catalog.layout import utc_text
from catalog.merging import drop_repeats
from catalog.merging import in_intervals
from catalog.merging import joint_ts_init
from catalog.protocols import Instrument
from catalog.refining import refined_files
from catalog.refining import stage_instrument
from catalog.spool import SortingSpool
from catalog.staging import DayFiles
from catalog.staging import StagedFile
from catalog.staging import move_into_place
from catalog.staging import new_files
from catalog.staging import staged_labels
from catalog.staging import staging_folder
from catalog.units import check_unit
from catalog.units import in_catalog_unit
from catalog.write_report import WriteReport
from errors import AuctionError


class CatalogWrites:
    """
    Stages files beside a catalog until all writes of an ingest have succeeded.

    Parameters
    ----------
    catalog_path : Path
        The catalog.
    folder : Path
        The staging folder.

    """

    def __init__(self, catalog_path: Path, folder: Path) -> None:
        self.catalog_path = catalog_path
        self._folder = folder
        self._count = 0
        self._staged: dict[Path, StagedFile] = {}
        self._old: set[Path] = set()

    def add(
        self,
        instrument: Instrument,
        identifier: str,
        sources: Mapping[str, Iterable[pa.Table]],
        schemas: Mapping[str, pa.Schema],
        without_repeats: Set[str],
        labels: Set[str],
    ) -> WriteReport:
        """
        Stage the rows of an instrument, and its definition where the catalog has none like it.

        Parameters
        ----------
        instrument : Instrument
            The instrument in a unit that counts the catalog's data as well.
        identifier : str
            The instrument id, or the bar type.
        sources : Mapping[str, Iterable[pa.Table]]
            The rows of each data type, in ticks and lots.
        schemas : Mapping[str, pa.Schema]
            The schema of the files of each.
        without_repeats : Set[str]
            The types of which a row equal to an earlier one is dropped.
        labels : Set[str]
            Origin and limitations of the rows, of `catalog.layout.QUALITIES`.

        Returns
        -------
        WriteReport

        Raises
        ------
        AuctionError
            If there are no rows, two bars of one time, or the catalog has other data of that time.

        """
        catalog_path = self.catalog_path
        check_contract(catalog_path, instrument)
        check_unit(catalog_path, instrument)
        increments = instrument_increments(instrument)
        folder = self._next_folder()
        spools = {data_type: SortingSpool(folder, data_type) for data_type in sources}
        for data_type, tables in sources.items():
            for table in tables:
                spools[data_type].add(table)
        files = {
            data_type: DayFiles(folder, catalog_path, data_type, identifier, schema)
            for data_type, schema in schemas.items()
        }
        rows = dict.fromkeys(sources, 0)
        last_ns = -1
        for piece in in_intervals(
            {data_type: spool.drain() for data_type, spool in spools.items()}
        ):
            for data_type in without_repeats & piece.keys():
                piece[data_type] = drop_repeats(piece[data_type])
            if BARS in piece:
                _check_bar_times(identifier, piece[BARS])
            times = joint_ts_init(piece, last_ns)
            last_ns = max(int(ts_init[-1]) for ts_init in times.values())
            for data_type, table in piece.items():
                rows[data_type] += len(table)
                schema = schemas[data_type]
                files[data_type].append(
                    encode_table(table, times[data_type], data_type, increments, schema),
                )
        staged = [file for day_files in files.values() for file in day_files.close()]
        if not staged:
            raise AuctionError(f"{identifier}: the input has no rows; nothing was written")
        refined: list[StagedFile] = []
        if find_increments(catalog_path, str(instrument.id)) != increments:
            _, refined = self._define(instrument, folder)
        replaced = {file.target: file.path for file in refined}
        new = new_files(catalog_path, identifier, staged, labels, replaced)
        label_files = [staged_labels(file, labels) for file in new]
        self._staged |= {file.target: file for file in (*new, *label_files)}
        return WriteReport(
            identifier=identifier,
            rows=rows,
            start_ns=min(file.start_ns for file in staged),
            end_ns=last_ns,
            unordered=sum(spool.unordered for spool in spools.values()),
            repeats=sum(spool.rows for spool in spools.values()) - sum(rows.values()),
            files_written=len(new),
            files_unchanged=len(staged) - len(new),
            files_refined=len(refined),
        )

    def define(self, instrument: Instrument) -> Path:
        """
        Stage the definition of an instrument, in place of an earlier one.

        Where the catalog holds data on another step, both are counted in their common unit.

        Returns
        -------
        Path
            Where the definition will be.

        Raises
        ------
        AuctionError
            If data in the catalog and the new definition have no unit in common, or are of two
            contracts with one symbol.

        """
        check_contract(self.catalog_path, instrument)
        fitted = in_catalog_unit(self.catalog_path, instrument)
        definition, _ = self._define(fitted, self._next_folder())
        return definition.target

    def commit(self) -> None:
        """Move all files into place, or none."""
        move_into_place(list(self._staged.values()))
        for path in self._old - self._staged.keys():
            path.unlink()

    def _define(self, instrument: Instrument, folder: Path) -> tuple[StagedFile, list[StagedFile]]:
        self._old |= set(instrument_files(self.catalog_path, str(instrument.id)))
        definition = stage_instrument(folder, self.catalog_path, instrument)
        refined = refined_files(folder, self.catalog_path, instrument)
        self._staged |= {file.target: file for file in (definition, *refined)}
        return definition, refined

    def _next_folder(self) -> Path:
        folder = self._folder / str(self._count)
        folder.mkdir()
        self._count += 1
        return folder


@contextmanager
def catalog_writes(catalog: Path | CatalogWrites) -> Iterator[CatalogWrites]:
    """
    Open a transaction; staged files appear when the context ends without an error.

    Parameters
    ----------
    catalog : Path or CatalogWrites
        The catalog, created if missing; or a transaction to join, which ends later.

    Yields
    ------
    CatalogWrites

    """
    if isinstance(catalog, CatalogWrites):
        yield catalog
        return
    with staging_folder(Path(catalog)) as folder:
        writes = CatalogWrites(Path(catalog), folder)
        yield writes
        writes.commit()


def _check_bar_times(bar_type: str, table: pa.Table) -> None:
    ts_event = column(table, "ts_event")
    twice = np.flatnonzero(ts_event[1:] == ts_event[:-1])
    if len(twice):
        raise AuctionError(
            f"{bar_type}: two different bars close at {utc_text(int(ts_event[twice[0]]))} UTC: "
            "remove one of them",
        )
