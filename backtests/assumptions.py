"""What a backtest assumes about its venues, in words."""

from typing import Any

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
            f"orders meet the first event {nanos / 1e6:g} ms after the decision"
            if nanos
            else "none: orders meet the quote in force at the decision"
        )
        result[f"{name} market and stop orders"] = _slippage(venue)
        result[f"{name} resting limit orders"] = (
            "fill after the size displayed ahead of them has traded"
            if venue.get("queue_position")
            else "fill as soon as a trade prints at their price"
        )
        result[f"{name} fees"] = _fees(venue, name, instruments)
        result[f"{name} leverage"] = f"{venue.get('default_leverage', 1)}x; no liquidation"
        result[f"{name} funding"] = "not charged"
    return result


def _slippage(venue: dict[str, Any]) -> str:
    config = (venue.get("fill_model") or {}).get("config", {})
    probability = config.get("prob_slippage", 0.0)
    text = "fill at the top of the book, beyond its size one tick worse"
    if probability:
        text += f"; one tick of slippage with probability {probability:g}"
    return text


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
