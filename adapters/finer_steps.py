"""Ingest of rows on a finer step, from before the venue raised the step."""

from collections.abc import Callable

from adapters.guard import FinerStepError
from adapters.report import LOT
from adapters.report import TICK
from catalog.protocols import Instrument
from catalog.units import LARGEST_RATIO
from catalog.units import order_steps
from catalog.units import with_unit


def in_finer_steps[T](
    instrument: Instrument, ingest: Callable[[Instrument], T], warnings: list[str]
) -> T:
    """
    Ingest in the unit of the instrument, or in the finer one of the rows.

    The present step of a venue does not apply to the past: rows on half a step were traded while
    the step was half as large. Orders keep the venue's step (`catalog.units.order_steps`).

    Parameters
    ----------
    instrument : Instrument
        The instrument.
    ingest : Callable[[Instrument], T]
        Ingests with an instrument; called again with a finer unit if the rows need one.
    warnings : list[str]
        Receives one line if they do.

    Returns
    -------
    T
        The result of `ingest`.

    Raises
    ------
    FinerStepError
        If the rows would need less than a thousandth of a step.

    """
    now = instrument
    while True:
        try:
            return ingest(now)
        except FinerStepError as error:
            tick = now.price_increment.as_decimal() / error.parts[TICK]
            lot = now.size_increment.as_decimal() / error.parts[LOT]
            steps = order_steps(instrument)
            if steps.tick > LARGEST_RATIO * tick or steps.lot > LARGEST_RATIO * lot:
                raise
            now = with_unit(now, tick, lot)
            warnings[:] = [_finer_step_text(now)]


def _finer_step_text(instrument: Instrument) -> str:
    steps = order_steps(instrument)
    found = [
        f"{what} on a step of {unit.normalize():f} where the venue's is {step.normalize():f} now"
        for what, unit, step in (
            ("prices", instrument.price_increment.as_decimal(), steps.tick),
            ("sizes", instrument.size_increment.as_decimal(), steps.lot),
        )
        if unit != step
    ]
    return f"{instrument.id}: {' and '.join(found)}: the catalog counts it in the finer step"
