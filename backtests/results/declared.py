"""The message classes whose tables are written to the folder of a run."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from actors.messages import Message
from actors.messages import message_classes
from actors.protocols import published_by
from backtests.results.recording import read_lines
from configs.documents import class_of
from configs.documents import one_line
from configs.plain_yaml import parse_yaml
from errors import AuctionError
from errors import shortened


def known_classes(run: Path) -> list[type[Message]]:
    """
    Return the message classes with a table.

    Those that the actors and strategies of a run publish come first, in the order in which they
    name them.

    Raises
    ------
    AuctionError
        If its configuration cannot be read, or names a component that is not there.

    """
    path = run / "config.yaml"
    components: list[type] = []
    if path.is_file():
        try:
            document = parse_yaml(path.read_text(encoding="utf-8"))
            for section, key in (("actors", "actor_path"), ("strategies", "strategy_path")):
                components += [class_of(entry[key]) for entry in document.get(section) or ()]
        except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
            text = shortened(one_line(error))
            raise AuctionError(
                f"{path}: not the configuration of a run of this version: {text}"
            ) from None
    # The rest is known as well: a folder may be without a configuration.
    classes = dict.fromkeys((*published_by(components), *message_classes()))
    return [cls for cls in classes if cls.TABLE is not None]


def table_path(run: Path, cls: type[Message]) -> Path | None:
    """Return the file with the messages of a class; None without one."""
    if cls.TABLE is None:
        return None
    files = (run / f"{cls.TABLE.name}.jsonl", run / f"{cls.TABLE.name}.parquet")
    return next((path for path in files if path.is_file()), None)


def read_messages(path: Path, cls: type[Message]) -> Sequence[Any]:
    """
    Return the messages of a class from the file of a node.

    Raises
    ------
    AuctionError
        If it is missing or cannot be read.

    """
    if not path.is_file():
        raise AuctionError(f"{path}: is missing: this is not the whole folder of a node's run")
    try:
        return [cls.from_dict(row) for row in read_lines(path) if row["type"] == cls.__name__]
    except (KeyError, TypeError, ValueError) as error:
        raise AuctionError(f"{path}: written by another version ({error!r})") from None
