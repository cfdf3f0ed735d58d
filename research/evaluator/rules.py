"""The assumptions about a venue, from the same configuration that a backtest is built of."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from adapters.simulated.nautilus.fees import VenueFees
from adapters.simulated.nautilus.fees import VenueFeesConfig
from adapters.simulated.nautilus.fees import amount_of
from adapters.simulated.nautilus.fills import VenueFillsConfig
from adapters.simulated.nautilus.funding import VenueFundingConfig
from adapters.simulated.rules.resting import QueueRule
from adapters.simulated.rules.taking import Slippage
from errors import AuctionError


FILLS = "adapters.simulated.nautilus.fills:VenueFills"
FUNDING = "adapters.simulated.nautilus.funding:VenueFunding"
FEES = "adapters.simulated.nautilus.fees:VenueFees"
LATENCY = "nautilus_trader.backtest.models:LatencyModel"


@dataclass(frozen=True, slots=True)
class VenueRules:
    """
    Represents the assumptions about one venue.

    Attributes
    ----------
    insert_latency_ns, cancel_latency_ns : int
        How long a command is in flight (ns).
    slippage : Slippage
        What a taker pays beyond the best price.
    queue : QueueRule
        What fills a limit order at its price.
    prints_only : bool
        If the data have no quotes.
    fees : VenueFees
        The fees.
    funding : VenueFundingConfig or None
        The funding; None without any.
    balance : Decimal
        The starting balance.
    currency : Any
        Its currency.
    leverage : Decimal
        The leverage.

    """

    insert_latency_ns: int
    cancel_latency_ns: int
    slippage: Slippage
    queue: QueueRule
    prints_only: bool
    fees: VenueFees
    funding: VenueFundingConfig | None
    balance: Decimal
    currency: Any
    leverage: Decimal


def rules_of(venue: dict[str, Any]) -> VenueRules:
    """
    Return the assumptions of a resolved section of `venues`.

    Raises
    ------
    AuctionError
        If the venue has a setting that the evaluator does not reproduce.

    """
    name = venue["name"]
    modules = {module["actor_path"]: module["config"] for module in venue["modules"]}
    fills = VenueFillsConfig(**modules.pop(FILLS))
    funding = modules.pop(FUNDING, None)
    fee_model = venue["fee_model"]
    latency = venue["latency_model"]
    odd = {
        f"modules {', '.join(modules)}": bool(modules),
        "touch bar": fills.touch == "bar",
        f"oms_type {venue['oms_type']}": venue["oms_type"] != "NETTING",
        "fee_model": fee_model["fee_model_path"] != FEES,
        "latency_model": latency is None or latency["latency_model_path"] != LATENCY,
        "margin_model": venue.get("margin_model") is not None,
        "several starting_balances": len(venue["starting_balances"]) != 1,
        "base_currency": venue.get("base_currency") is not None,
        "leverages": bool(venue.get("leverages")),
    }
    found = [text for text, is_odd in odd.items() if is_odd]
    if found:
        raise AuctionError(f"venues.{name}: the evaluator cannot reproduce {', '.join(found)}")
    delays = latency["config"]
    base = int(delays.get("base_latency_nanos", 0))
    balance, currency = amount_of(venue["starting_balances"][0])
    return VenueRules(
        insert_latency_ns=base + int(delays.get("insert_latency_nanos", 0)),
        cancel_latency_ns=base + int(delays.get("cancel_latency_nanos", 0)),
        slippage=Slippage(
            fills.slippage_ticks_entry,
            fills.slippage_ticks_exit,
            Fraction(str(fills.slippage_bps)) / 10_000,
        ),
        queue=fills.queue,
        prints_only=fills.touch == "print",
        fees=VenueFees(VenueFeesConfig(**fee_model["config"])),
        funding=None if funding is None else VenueFundingConfig(**funding),
        balance=balance,
        currency=currency,
        leverage=Decimal(str(venue["default_leverage"])),
    )
