"""The figures of regular sessions on disk, so that a restart knows its levels."""

import json
import os
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec

from actors.impulse.daily import RegularSession
from errors import AuctionError


VERSION = 1


class _File(msgspec.Struct, forbid_unknown_fields=True):
    version: int
    instrument_id: str
    tick_size: str
    session: RegularSession


@dataclass(frozen=True, slots=True)
class LevelCache:
    """
    Keeps one JSON file a session in a folder of the instrument.

    Parameters
    ----------
    folder : Path
        The folder of all instruments.
    instrument_id : str
        The instrument.
    tick_size : Decimal
        Its price increment: the files hold ticks.

    """

    folder: Path
    instrument_id: str
    tick_size: Decimal

    def path_of(self, day: date) -> Path:
        """Return the file of a session."""
        return self.folder / self.instrument_id / f"{day:%Y%m%d}.json"

    def save(self, session: RegularSession) -> Path:
        """
        Write a session; the file is there completely or not at all.

        Raises
        ------
        AuctionError
            If the file cannot be written.

        """
        path = self.path_of(session.day)
        content = _File(VERSION, self.instrument_id, str(self.tick_size), session)
        text = json.dumps(msgspec.to_builtins(content), indent=1) + "\n"
        temporary = path.with_suffix(f".{os.getpid()}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(text)
            temporary.replace(path)
        except OSError as e:
            temporary.unlink(missing_ok=True)
            raise AuctionError(f"level cache: {path} cannot be written: {e.strerror}") from e
        return path

    def load(self, day: date) -> RegularSession:
        """
        Read the session of one day.

        Parameters
        ----------
        day : date
            The last session before the trading day.

        Raises
        ------
        AuctionError
            If there is no file for the day (an older one is stale), or it is not of this
            instrument, tick or version.

        """
        path = self.path_of(day)
        try:
            content = msgspec.json.decode(path.read_bytes(), type=_File)
        except FileNotFoundError:
            newest = max((file.stem for file in path.parent.glob("????????.json")), default=None)
            have = "it is empty" if newest is None else f"its newest session is {newest}"
            raise AuctionError(
                f"level cache: {path.parent} has no session of {day}, {have}: levels of an older "
                f"day are not used; replay the trades of {day} first"
            ) from None
        except (OSError, msgspec.DecodeError) as e:
            raise AuctionError(f"level cache: {path} cannot be read: {e}; delete it") from e
        for name, found, expected in (
            ("version", content.version, VERSION),
            ("instrument_id", content.instrument_id, self.instrument_id),
            ("tick_size", Decimal(content.tick_size), self.tick_size),
            ("day", content.session.day, day),
        ):
            if found != expected:
                raise AuctionError(
                    f"level cache: {path}: {name} is {found}, not {expected}; delete it"
                )
        return content.session
