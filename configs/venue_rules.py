"""Venue settings that are not allowed if our own fill model decides the fills."""

import math
from pathlib import Path
from typing import Any

from errors import UsageError


FILL_MODEL = "adapters.simulated.nautilus.fills:VenueFillModel"
FILLS = "adapters.simulated.nautilus.fills:VenueFills"
# Nautilus's own rules beside ours would decide a part of the fills, or hide the money they move.
ONLY: dict[str, Any] = {
    "liquidity_consumption": False,
    "queue_position": False,
    "trade_execution": False,
    "price_protection_points": None,
    "frozen_account": False,
    "use_reduce_only": True,
    "reject_stop_orders": True,
}
ONLY_FILL_MODEL = {"prob_fill_on_limit": 1.0, "prob_slippage": 0.0}


def check_finite(value: Any, path: Path, where: str) -> None:
    """
    Check that no number of a section is infinite or none.

    Raises
    ------
    UsageError
        If one is: as text for Nautilus it would silently become null.

    """
    if isinstance(value, dict):
        for key, item in value.items():
            check_finite(item, path, f"{where}.{key}")
    elif isinstance(value, list):
        for i, item in enumerate(value):
            check_finite(item, path, f"{where}.{i}")
    elif isinstance(value, float) and not math.isfinite(value):
        raise UsageError(f"{path.name}: `{where}`: {value} is not finite")


def check_fill_rules(venue: dict[str, Any], path: Path, where: str) -> None:
    """
    Check a venue whose fills `VenueFills` decides.

    Parameters
    ----------
    venue : dict[str, Any]
        The section of the venue.
    path : Path
        The file that the errors name.
    where : str
        The key of the section.

    Raises
    ------
    UsageError
        If a rule of Nautilus's would interfere, or one half of the fill model is missing.

    """
    model = venue.get("fill_model") or {}
    modules = [module.get("actor_path") for module in venue.get("modules") or []]
    if (model.get("fill_model_path") == FILL_MODEL) != (FILLS in modules):
        raise UsageError(
            f"{path.name}: `{where}`: {FILL_MODEL} as `fill_model` and {FILLS} among `modules` "
            "belong together: give both or none"
        )
    if FILLS not in modules:
        return
    for key, only in ONLY.items():
        if key in venue and venue[key] != only and not (only is None and venue[key] == 0):
            raise UsageError(
                f"{path.name}: `{where}.{key}`: {venue[key]!r} would decide fills beside "
                f"VenueFills; only {only!r} is supported"
            )
    for key, value in (model.get("config") or {}).items():
        if key in ONLY_FILL_MODEL and value != ONLY_FILL_MODEL[key]:
            raise UsageError(
                f"{path.name}: `{where}.fill_model.config.{key}`: VenueFills ignores it; set its "
                "own slippage and queue"
            )
