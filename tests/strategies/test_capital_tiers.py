"""Capital tiers: size, contract and loss limit by the balance."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from errors import AuctionError
from errors import ParameterError
from strategies.common.capital_tiers import BALANCE_STEP
from strategies.common.capital_tiers import CapitalTiers
from strategies.common.capital_tiers import TierChange
from strategies.common.capital_tiers import setup_bonus
from strategies.common.tier_params import Tier
from strategies.common.tier_params import TierParams
from strategies.common.tier_params import default_tiers


VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "002" / "11_tiers.json").read_text(),
    parse_float=Decimal,
)


def tiers_at(balance: Any, **params: Any) -> CapitalTiers:
    tiers = CapitalTiers(TierParams(**params))
    tiers.start(Decimal(balance))
    return tiers


def test_the_five_tiers_are_those_of_the_definitions() -> None:
    found = [
        (t.name, t.from_balance, t.root, t.max_contracts, -t.daily_loss_limit, t.scaling)
        for t in default_tiers()
    ]
    assert found == [
        (d["name"], d["min"], d["instrument"], d["max_contracts"], d["loss_limit"], d["scaling"])
        for d in VECTORS["definitions"]
    ]


@pytest.mark.parametrize("row", VECTORS["lookup"], ids=lambda row: str(row[0]))
def test_a_balance_finds_its_tier(row: list[Any]) -> None:
    balance, _, root, most, loss, scaling, _, index = row
    tiers = tiers_at(balance)
    tier = tiers.tier
    assert tiers.state.index == index
    assert (tier.root, tier.max_contracts, -tier.daily_loss_limit, tier.scaling) == (
        root,
        most,
        loss,
        scaling,
    )
    assert tiers.is_halted is (balance < 0)


@pytest.mark.parametrize("sequence", VECTORS["sequences"], ids=lambda s: s["name"])
def test_results_move_the_balance_through_the_tiers(sequence: dict[str, Any]) -> None:
    tiers = tiers_at(sequence["start"])
    states, changes = [_plain_state(tiers)], []
    for ts, net in enumerate(sequence["trade_pnls"]):
        change = tiers.on_result(ts, Decimal(net), is_flat=True)
        states.append(_plain_state(tiers))
        if change is not None:
            changes.append(_plain_change(change))
    expected = [{k: v for k, v in s.items() if k != "session_pnl"} for s in sequence["states"]]
    assert states == expected
    # The first of a sequence that starts above the first tier is the silent one.
    spurious = sequence["start"] >= 3500
    assert changes == sequence["changes"][spurious:]


def _plain_state(tiers: CapitalTiers) -> dict[str, Any]:
    state, tier = tiers.state, tiers.tier
    return {
        "balance": state.balance,
        "tier": state.index,
        "instrument": tier.root,
        "max": tier.max_contracts,
        "loss_limit": -tier.daily_loss_limit,
        "scaling": tier.scaling,
        "win_streak": state.wins,
        "loss_streak": state.losses,
    }


def _plain_change(change: TierChange) -> dict[str, Any]:
    return {
        "from_tier": change.from_tier,
        "to_tier": change.to_tier,
        "from_instrument": change.from_root,
        "to_instrument": change.to_root,
        "balance": change.balance,
    }


def test_setup_and_streaks_decide_the_size() -> None:
    rows = VECTORS["sizes"]
    assert len(rows) == 525
    for index, regime, signals, wins, losses, size, _ in rows:
        tiers = tiers_at(default_tiers()[index].from_balance + 1)
        tiers.restore({**(tiers.snapshot() or {}), "wins": wins, "losses": losses})
        bonus = setup_bonus(signals, is_trending=regime.startswith("TRENDING"))
        assert tiers.contracts(bonus) == size, (index, regime, signals, wins, losses)


def test_a_balance_of_the_account_counts_from_a_cent_on() -> None:
    expected = VECTORS["set_balance"]
    tiers = tiers_at("3499.995")
    assert tiers.on_balance(1, Decimal(3500), is_flat=True) is None
    assert tiers.state.balance == Decimal("3499.995")
    change = tiers.on_balance(2, Decimal(7600), is_flat=True)
    assert (int(change is not None), BALANCE_STEP) == (
        expected["changes_after_7600"],
        expected["threshold"],
    )
    assert change is not None
    assert (change.ts, change.from_tier, change.to_tier) == (2, 0, 3)
    assert change.changes_contract


def test_another_contract_waits_until_no_position_is_open() -> None:
    tiers = tiers_at(3400)
    assert tiers.on_result(1, Decimal(200), is_flat=False) is None
    assert tiers.trades("MES")
    change = tiers.settle(2, is_flat=True)
    assert change is not None
    assert (change.ts, change.to_root, change.balance) == (2, "ES", 3600)
    # Of one contract the tier changes at once.
    change = tiers.on_result(3, Decimal(2000), is_flat=False)
    assert change is not None
    assert (change.from_tier, change.to_tier, change.changes_contract) == (1, 2, False)


def test_a_change_that_waits_is_decided_by_the_balance_when_flat() -> None:
    tiers = tiers_at(3400)
    tiers.on_result(1, Decimal(200), is_flat=False)
    assert tiers.on_result(2, Decimal(-150), is_flat=True) is None
    assert tiers.trades("MES")


def test_a_balance_below_zero_is_of_the_first_tier_and_halts() -> None:
    tiers = tiers_at(10_200)
    change = tiers.on_result(1, Decimal(-10_201), is_flat=True)
    assert change is not None
    assert (change.to_tier, tiers.is_halted, tiers.trades("MES")) == (0, True, True)
    tiers.on_balance(2, Decimal(0), is_flat=True)
    assert not tiers.is_halted


def test_hysteresis_delays_the_way_down_alone() -> None:
    tiers = tiers_at(3450, hysteresis=Decimal(100))
    assert tiers.on_result(1, Decimal(50), is_flat=True) is not None
    assert tiers.on_result(2, Decimal(-100), is_flat=True) is None
    assert tiers.trades("ES")
    change = tiers.on_result(3, Decimal("-0.01"), is_flat=True)
    assert change is not None
    assert change.to_tier == 0
    # It may span several tiers, but never raises one.
    tiers = tiers_at(5100, hysteresis=Decimal(3000))
    assert tiers.on_result(1, Decimal(-200), is_flat=True) is None
    assert tiers.state.index == 2
    assert tiers.on_result(2, Decimal(-4901), is_flat=True) is not None
    assert tiers.state.index == 0


def test_a_restored_state_goes_on_with_balance_tier_and_streaks() -> None:
    tiers = tiers_at(3450)
    for ts, net in enumerate((60, 10, 10)):
        tiers.on_result(ts, Decimal(net), is_flat=True)
    kept = json.loads(msgspec.json.encode(tiers.snapshot()))
    other = CapitalTiers(TierParams())
    assert not other.is_started
    assert other.snapshot() is None
    other.restore(kept)
    assert other.state == tiers.state
    assert other.tier.name == "Tier 2: ES Entry"


@pytest.mark.parametrize(
    "kept",
    [
        {"balance": "NaN", "index": 0},
        {"balance": "1", "index": 0, "wins": -1},
        {"balance": "1", "index": "x"},
        {"balance": "1", "index": 0, "other": 1},
        [],
    ],
)
def test_a_damaged_state_is_refused(kept: Any) -> None:
    with pytest.raises(AuctionError, match="state of the capital tiers"):
        CapitalTiers(TierParams()).restore(kept)


def test_a_state_of_more_tiers_finds_its_tier_again() -> None:
    tiers = CapitalTiers(TierParams(tiers=default_tiers()[:2]))
    tiers.restore({"balance": "8000", "index": 3, "wins": 1, "losses": 0})
    assert (tiers.state.index, tiers.state.wins) == (1, 1)


def _tier(**values: Any) -> Tier:
    return msgspec.structs.replace(default_tiers()[0], **values)


@pytest.mark.parametrize(
    ("params", "name"),
    [
        ({"tiers": ()}, "tiers"),
        ({"tiers": (_tier(from_balance=Decimal(1)),)}, "tiers.0.from_balance"),
        ({"tiers": (_tier(), _tier())}, "tiers.1.from_balance"),
        ({"tiers": (_tier(max_contracts=0),)}, "tiers.0.max_contracts"),
        ({"tiers": (_tier(daily_loss_limit=Decimal(-100)),)}, "tiers.0.daily_loss_limit"),
        ({"tiers": (_tier(daily_loss_limit=Decimal("inf")),)}, "tiers.0"),
        ({"tiers": (_tier(root=""),)}, "tiers.0.root"),
        ({"starting_balance": Decimal(0)}, "starting_balance"),
        ({"hysteresis": Decimal(-1)}, "hysteresis"),
        ({"win_streak": -1}, "win_streak"),
    ],
)
def test_impossible_rules_are_refused(params: dict[str, Any], name: str) -> None:
    with pytest.raises(ParameterError) as caught:
        TierParams(**params)
    assert str(caught.value).startswith(name)


def test_streaks_that_are_switched_off_change_no_size() -> None:
    tiers = tiers_at(2500, win_streak=0, loss_streak=0)
    for ts in range(4):
        tiers.on_result(ts, Decimal(1), is_flat=True)
    assert tiers.contracts() == 1
    for ts in range(4):
        tiers.on_result(ts, Decimal(-1), is_flat=True)
    assert tiers.contracts(1) == 2


def test_without_a_balance_there_is_no_tier() -> None:
    with pytest.raises(ValueError, match="no balance"):
        _ = CapitalTiers(TierParams()).tier
