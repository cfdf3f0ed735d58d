"""Closes minutes on trades and publishes the channel of the closes before."""

from collections import deque
from typing import Annotated
from typing import ClassVar

from msgspec import Meta

from actors.base import BarActor
from actors.config import BarActorConfig
from actors.messages import DataGap
from actors.messages import Message
from indicators.components import AggressorBars
from tests.toy.messages import ChannelMinute


MINUTE_NS = 60_000_000_000


class ChannelActorConfig(BarActorConfig, frozen=True, kw_only=True):  # type: ignore[call-arg]
    """
    Configuration for `ChannelActor`.

    Parameters
    ----------
    minutes : int, default 30
        The closes in the channel.

    """

    minutes: Annotated[int, Meta(ge=1, le=10_000)] = 30


class ChannelActor(BarActor):
    """
    Publishes one `ChannelMinute` for each minute from the first trade on.

    Parameters
    ----------
    config : ChannelActorConfig
        The configuration.

    """

    INTERVAL_NS: ClassVar[int] = MINUTE_NS
    PUBLISHES: ClassVar[tuple[type[Message], ...]] = (DataGap, ChannelMinute)

    def __init__(self, config: ChannelActorConfig) -> None:
        super().__init__(config)
        self._closes: deque[int] = deque(maxlen=config.minutes)

    @property
    def history_minutes(self) -> int:
        return int(self.config.minutes) + 1

    def history_since(self, now: int) -> int:
        since = now - self.history_minutes * MINUTE_NS
        return since - since % MINUTE_NS

    def create_indicator(self) -> AggressorBars:
        return AggressorBars(self.tick, self.lot, MINUTE_NS, self._on_minute, with_empty=True)

    def start_again(self, ts: int) -> None:
        super().start_again(ts)
        self._closes.clear()

    def describe_history(self) -> list[str]:
        return [f"History: the channel needs {self.config.minutes:,} minutes (minutes)."]

    def _on_minute(self, values: tuple[int, ...], prints: tuple[list[int], list[int]]) -> None:
        ts_min, open_, high, low, close, *_ = values
        closes, end = self._closes, ts_min + MINUTE_NS
        is_full = len(closes) == closes.maxlen
        is_silent = self.gaps is not None and self.gaps.is_silent_at(end)
        self.publish(
            ChannelMinute(
                self.config.instrument_id,
                end - 1,
                max(self.clock.timestamp_ns(), end - 1),
                ts_min=ts_min,
                open=open_,
                high=high,
                low=low,
                close=close,
                volume=sum(prints[1]),
                highest=max(closes) if is_full else None,
                lowest=min(closes) if is_full else None,
                warm=is_full and not is_silent,
                tick_size=self.tick_size,
                lot_size=self.lot_size,
            )
        )
        closes.append(close)
