"""Configurations of the points of a study: one system, other values of some parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from typing import Any

from configs.loader import RunConfig
from configs.loader import load_backtest


NANOS_PER_SECOND = 1_000_000_000


@dataclass(frozen=True)
class PointConfig:
    """
    Represents what all points of a study have in common.

    Attributes
    ----------
    system : str
        The name or the file of the system.
    environment : str, default 'backtest'
        The environment.
    overrides : Mapping[str, Any], optional
        Values of the configuration by their full keys.

    """

    system: str
    environment: str = "backtest"
    overrides: Mapping[str, Any] = field(default_factory=dict)

    def run(
        self,
        overrides: Mapping[str, Any],
        window: tuple[int, int] | None = None,
        market: str = "default",
    ) -> RunConfig:
        """
        Return the resolved configuration of one point.

        Parameters
        ----------
        overrides : Mapping[str, Any]
            Its values by their full keys.
        window : tuple[int, int], optional
            The interval (ns UTC, the end excluded); that of the configuration by default.
        market : str, default 'default'
            The preset of market assumptions.

        Raises
        ------
        UsageError
            If a key is unknown, or a value has the wrong type or is out of range.

        """
        values = {**self.overrides, **overrides}
        if window is not None:
            values |= {"start": utc(window[0]), "end": utc(window[1])}
        texts = [f"{key}={as_yaml(value)}" for key, value in values.items()]
        return load_backtest(self.system, self.environment, texts, market)


def as_yaml(value: Any) -> str:
    """Return a value as an override writes it."""
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def utc(ts: int) -> str:
    """Return a time (ns UTC) as an override writes it."""
    seconds, nanos = divmod(ts, NANOS_PER_SECOND)
    text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"'{text}.{nanos:09d}Z'"
