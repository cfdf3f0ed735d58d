"""The assumptions of a backtest about its venues, in words."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from adapters.simulated.nautilus.fees import VenueFeesConfig
from adapters.simulated.nautilus.fees import fee_rates
from adapters.simulated.nautilus.fills import VenueFillsConfig
from adapters.simulated.nautilus.funding import VenueFundingConfig
from catalog.instruments import is_perpetual
from catalog.instruments import is_stock
from catalog.protocols import Instrument
from configs.preset import models_of


FILLS = "adapters.simulated.nautilus.fills:VenueFills"
FEES = "adapters.simulated.nautilus.fees:VenueFees"
FUNDING = "adapters.simulated.nautilus.funding:VenueFunding"
LATENCY = "nautilus_trader.backtest.models:LatencyModel"
TOUCHES = {
    "quote": ("the quote in force", "the size displayed"),
    "print": ("the last print", "its size"),
}
BAR_LIMITS = {True: "trades at their price or through it", False: "trades through their price"}
QUEUES = {
    "displayed": "fill when the size displayed ahead of them has traded, when the opposite quote "
    "reaches their price (up to its size), or when the market trades through it",
    "through": "fill only when the market trades through their price",
    "touch": "fill as soon as a trade or the opposite quote is at their price",
}


def describe_assumptions(
    venues: dict[str, dict[str, Any]],
    instruments: dict[str, Instrument],
) -> dict[str, str]:
    """
    Return the market assumptions by name.

    Parameters
    ----------
    venues : dict[str, dict[str, Any]]
        The venue sections of the resolved configuration.
    instruments : dict[str, Instrument]
        The instruments of the run.

    """
    result: dict[str, str] = {}
    for name, venue in venues.items():
        models = dict(models_of(venue, name, Path("venues")))
        traded = {key: i for key, i in instruments.items() if i.id.venue.value == name}
        texts = {
            "latency": _latency(models),
            "entries": _entries(models),
            **_fills(models),
            "fees": _fees(models, traded),
            "leverage": _leverage(venue, traded),
        }
        if any(is_stock(instrument) for instrument in traded.values()):
            texts["financing"] = (
                "no interest on borrowed money, no fee for borrowed shares: every share can be "
                "borrowed at any time"
            )
        if any(is_perpetual(instrument) for instrument in traded.values()):
            texts["funding"] = _funding(models)
        result |= {f"{name} {key}": text for key, text in texts.items()}
    return result


def unit_of(instrument: Instrument) -> str:
    """Return the unit of a commission: `share` of a stock, else `contract`."""
    return "share" if is_stock(instrument) else "contract"


def _latency(models: dict[str, dict[str, Any]]) -> str:
    if models.get(FILLS, {}).get("touch") == "bar":
        return "hidden by the bars: orders meet the open of the first bar after they are sent"
    nanos = models.get(LATENCY, {}).get("base_latency_nanos", 0)
    if not nanos:
        return "none: orders meet the market in force when they are sent"
    return f"orders meet the first event {nanos / 1e6:g} ms after they are sent"


def _entries(models: dict[str, dict[str, Any]]) -> str:
    touch = models.get(FILLS, {}).get("touch")
    if touch == "bar":
        return "sent at the close of the bar that decides"
    return f"sent on the first {'trade' if touch == 'print' else 'quote'} after the decision"


def _fills(models: dict[str, dict[str, Any]]) -> dict[str, str]:
    if FILLS not in models:
        unknown = "as the venue's own models decide: see the configuration"
        return dict.fromkeys(("market orders", "stop orders", "resting limit orders"), unknown)
    config = msgspec.convert(models[FILLS], VenueFillsConfig)
    share = f" and {config.slippage_bps:g} bp" if config.slippage_bps else ""
    entry = _ticks(config.slippage_ticks_entry) + share
    exit_ = _ticks(config.slippage_ticks_exit) + share
    if config.touch == "bar":
        return _bar_fills(config, entry, exit_)
    touch, size = TOUCHES[config.touch or "quote"]
    result = {
        "market orders": f"pay {touch}, worse by {entry} on entries and {exit_} on exits; beyond "
        f"{size} one tick more",
        "stop orders": "are set off by a trade at their price or beyond, never by a quote, and pay "
        f"{touch}, worse by {exit_}",
        "resting limit orders": QUEUES[config.queue],
    }
    if config.touch == "print":
        result["quotes"] = (
            "none in the data: the last print stands for bid and ask alike, what an "
            "order pays for the spread is its slippage alone"
        )
    return result


def _bar_fills(config: VenueFillsConfig, entry: str, exit_: str) -> dict[str, str]:
    reaches = BAR_LIMITS[config.queue == "touch"]
    return {
        "market orders": f"pay the open of the next bar, worse by {entry} on entries and {exit_} "
        "on exits, whatever their size",
        "stop orders": "are set off where a bar reaches their price and pay it, or the open beyond "
        f"it, worse by {exit_}; a stop that protects a fill meets the rest of its bar",
        "resting limit orders": f"fill at their price where a bar {reaches}, after every stop of "
        "that bar; those that the next open has passed take it",
        "order within a bar": "unknown, decided against the order: the stop before the target, no "
        "target in the bar of its entry",
        "quotes and trades": f"none in the data: {config.bar_spec} bars alone fill, stamped at "
        "their close; the spread is in the slippage or nowhere, and one tick where a rule needs it",
        "targets and trailing stops": "of the trade manager are judged at the close of a bar: a "
        "target that it has reached is left at the open of the next, a stop moves for the next; in "
        "the bar of the entry the close alone counts",
        "excursions": "by the highs and lows of whole bars: those of entry and exit hold what lay "
        "before and after, so that MAE and MFE may be overstated",
    }


def _ticks(count: int) -> str:
    return f"{count} tick" if count == 1 else f"{count} ticks"


def _fees(models: dict[str, dict[str, Any]], instruments: dict[str, Instrument]) -> str:
    if FEES not in models:
        return "as the venue's own model decides: see the configuration"
    config = msgspec.convert(models[FEES], VenueFeesConfig)
    if config.per_contract is not None:
        units = " or ".join(dict.fromkeys(unit_of(found) for found in instruments.values()))
        least = ", no minimum per order" if "share" in units else ""
        return f"{config.per_contract} a {units or 'contract'} and side{least}"
    texts = []
    for key, instrument in instruments.items():
        maker, taker = fee_rates(config, instrument)
        texts.append(f"{key}: maker {float(maker) * 1e4:g} bp, taker {float(taker) * 1e4:g} bp")
    return "; ".join(texts)


def _leverage(venue: dict[str, Any], instruments: dict[str, Instrument]) -> str:
    leverage = venue.get("default_leverage", 1)
    shares = [
        f"{key}: margin {_percent(stock.margin_init, leverage)} of the value to open and "
        f"{_percent(stock.margin_maint, leverage)} to hold; "
        for key, stock in instruments.items()
        if is_stock(stock)
    ]
    return "".join(shares or [f"{leverage}x; "]) + "no liquidation"


def _percent(margin: Decimal, leverage: float) -> str:
    return f"{float(margin) / float(leverage) * 100:g} %"


def _funding(models: dict[str, dict[str, Any]]) -> str:
    if FUNDING not in models:
        return "not charged"
    config = msgspec.convert(models[FUNDING], VenueFundingConfig)
    parts = ["the rates of the catalog"]
    if config.schedule == "fixed":
        parts = [f"{config.rate_bps:g} bp every {config.interval_hours} hours"]
    if config.paid_factor != 1:
        parts.append(f"what is paid times {config.paid_factor:g}")
    if config.received_factor != 1:
        parts.append(f"what is received times {config.received_factor:g}")
    return ", ".join(parts)
