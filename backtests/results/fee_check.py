"""Check that a strategy accounts for the fees its venue charges."""

from collections.abc import Iterable
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from adapters.simulated.nautilus.fees import VenueFeesConfig
from adapters.simulated.nautilus.fees import amount_of
from adapters.simulated.nautilus.fees import fee_rates
from backtests.results.assumptions import FEES
from backtests.results.assumptions import unit_of
from backtests.results.outcome import ReckonedCosts
from backtests.results.outcome import StrategyOutcome
from configs.preset import models_of
from strategies.common.costs import BASIS_POINTS


def fee_warnings(
    venues: Mapping[str, Mapping[str, Any]], strategies: Iterable[StrategyOutcome]
) -> list[str]:
    """
    Return a warning for each strategy whose estimates of fees are not what its venue charges.

    Sizes, cost rules and the time stop rest on these estimates.

    Parameters
    ----------
    venues : Mapping[str, Mapping[str, Any]]
        The venue sections of the resolved configuration.
    strategies : Iterable[StrategyOutcome]
        The strategies of the run; one that reckons no costs is left out.

    """
    warnings = []
    for strategy in strategies:
        costs = strategy.costs
        if costs is None:
            continue
        name = costs.instrument.id.venue.value
        models = dict(models_of(dict(venues[name]), name, Path("venues")))
        if FEES not in models:
            continue
        config = msgspec.convert(models[FEES], VenueFeesConfig)
        charged = _charged(config, costs)
        reckoned = costs.taker_fee_bps, costs.fee_per_contract
        if reckoned != charged:
            unit = unit_of(costs.instrument)
            warnings.append(
                f"{strategy.id} reckons with taker fees of {_text(reckoned, unit)}, {name} charges "
                f"{_text(charged, unit)}: set taker_fee_bps and fee_per_contract to what is "
                "charged."
            )
    return warnings


def _charged(config: VenueFeesConfig, costs: ReckonedCosts) -> tuple[Decimal, Decimal]:
    if config.per_contract is not None:
        return Decimal(0), amount_of(config.per_contract)[0]
    return fee_rates(config, costs.instrument)[1] * BASIS_POINTS, Decimal(0)


def _text(fees: tuple[Decimal, Decimal], unit: str) -> str:
    rate, commission = fees
    if not commission:
        return f"{float(rate):g} bp"
    per_contract = f"{float(commission):g} a {unit} and side"
    return f"{float(rate):g} bp and {per_contract}" if rate else per_contract
