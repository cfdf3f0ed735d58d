"""What a backtest assumes about its venues, in words."""

from typing import Any

from nautilus_trader.model.instruments import CryptoPerpetual
from nautilus_trader.model.instruments import Instrument


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
        latency = (venue.get("latency_model") or {}).get("config", {})
        nanos = latency.get("base_latency_nanos", 0)
        result[f"{name} latency"] = (
            f"orders meet the first event {nanos / 1e6:g} ms after they are sent"
            if nanos
            else "none: orders meet the quote in force when they are sent"
        )
        result[f"{name} entries"] = "sent on the first quote after the decision"
        result[f"{name} market and stop orders"] = _slippage(venue)
        result[f"{name} stop triggers"] = _triggers(venue)
        result[f"{name} resting limit orders"] = _resting(venue)
        result[f"{name} fees"] = _fees(venue, name, instruments)
        result[f"{name} leverage"] = f"{venue.get('default_leverage', 1)}x; no liquidation"
        traded = [i for i in instruments.values() if i.id.venue.value == name]
        if any(isinstance(i, CryptoPerpetual) for i in traded):
            result[f"{name} funding"] = "not charged"
    return result


def _slippage(venue: dict[str, Any]) -> str:
    probability = _fill_model(venue).get("prob_slippage", 0.0)
    text = "fill at the top of the book, beyond its size one tick worse"
    if probability:
        text += f"; one tick of slippage with probability {probability:g}"
    return text


def _triggers(venue: dict[str, Any]) -> str:
    text = "a sell stop when the bid, a buy stop when the ask reaches its price"
    if _prints_execute(venue):
        return f"{text}, or when a trade prints at it"
    return f"{text}; trades trigger nothing"


def _resting(venue: dict[str, Any]) -> str:
    quote = "fill when the opposite quote reaches their price"
    if not _prints_execute(venue):
        text = f"{quote}; trades alone fill nothing"
    elif venue.get("queue_position"):
        text = f"{quote}, or after the size displayed ahead of them has traded"
    else:
        text = f"{quote}, or as soon as a trade prints at it"
    probability = _fill_model(venue).get("prob_fill_on_limit", 1.0)
    if probability < 1:
        text += f"; where it is only touched, with probability {probability:g}"
    return text


def _prints_execute(venue: dict[str, Any]) -> bool:
    # The default of Nautilus's venue configuration.
    return bool(venue.get("trade_execution", True))


def _fill_model(venue: dict[str, Any]) -> dict[str, Any]:
    config: dict[str, Any] = (venue.get("fill_model") or {}).get("config", {})
    return config


def _fees(venue: dict[str, Any], name: str, instruments: dict[str, Instrument]) -> str:
    model = venue.get("fee_model") or {}
    if commission := model.get("config", {}).get("commission"):
        return f"{commission} a contract and side"
    rates = [
        f"{instrument_id}: maker {float(i.maker_fee) * 1e4:g} bp, "
        f"taker {float(i.taker_fee) * 1e4:g} bp"
        for instrument_id, i in instruments.items()
        if i.id.venue.value == name
    ]
    return "; ".join(rates)
