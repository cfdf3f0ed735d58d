"""`auction preflight`: check everything that a node needs, before it is started."""

from collections.abc import Callable
from collections.abc import Sequence
from functools import partial

from configs.live import LiveConfig
from configs.live import load_live
from errors import AuctionError
from live.preflight.catalog_checks import check_catalog
from live.preflight.check import Outcome
from live.preflight.check import outcome_json
from live.preflight.check import outcome_lines
from live.preflight.check import run_check
from live.preflight.node_checks import TIMEOUT_S
from live.preflight.node_checks import ProbeNode
from live.preflight.place_checks import check_calendar
from live.preflight.place_checks import check_clock
from live.preflight.place_checks import check_contracts
from live.preflight.place_checks import check_control_port
from live.preflight.place_checks import check_credentials
from live.preflight.place_checks import check_journal
from live.preflight.place_checks import check_receivers
from live.preflight.place_checks import check_state


NOT_BUILT = "the node could not be built: see above"


def preflight(
    system: str,
    environment: str,
    overrides: Sequence[str],
    timeout_s: float = TIMEOUT_S,
) -> list[Outcome]:
    """
    Run all checks of a node, which do not touch its journal, orders or a node that runs.

    Parameters
    ----------
    system, environment : str
        The names of files in `configs/systems` and `configs/environments`, or paths of files.
    overrides : Sequence[str]
        `dotted.key=value` settings of the node.
    timeout_s : float, default 30
        How long the venue may take to connect (s).

    Returns
    -------
    list[Outcome]
        The outcomes. A configuration that does not load is the only one.

    """
    found: list[LiveConfig] = []

    def load() -> str:
        found.append(load_live(system, environment, overrides))
        return f"{found[0].system}, {found[0].mode}: {', '.join(found[0].instrument_ids)}"

    outcomes = [run_check("configuration", load)]
    if not found:
        return outcomes
    config = found[0]
    # Without journal and Redis of the real node.
    probe_config = load_live(system, environment, overrides, own_actors=False)
    outcomes += [
        run_check("credentials", partial(check_credentials, config)),
        run_check("contracts", partial(check_contracts, config)),
        *_node_checks(probe_config, timeout_s),
        run_check("alerts", partial(check_receivers, config)),
        run_check("journal", partial(check_journal, config)),
        run_check("state", check_state),
        run_check("control port", partial(check_control_port, config)),
        run_check("calendar", partial(check_calendar, config)),
        run_check("clock", check_clock),
        run_check("catalog", partial(check_catalog, config)),
    ]
    return outcomes


def _node_checks(config: LiveConfig, timeout_s: float) -> list[Outcome]:
    built: list[ProbeNode] = []

    def connect() -> str:
        built.append(ProbeNode(config, timeout_s))
        return built[0].connection()

    outcomes = [run_check("connection", connect)]
    try:
        for name, method in (("instruments", "instruments"), ("kill switch", "kill_switch")):
            check: Callable[[], str] = getattr(built[0], method) if built else _not_built
            outcomes.append(run_check(name, check))
    finally:
        if built:
            built[0].close()
    return outcomes


def _not_built() -> str:
    raise AuctionError(NOT_BUILT)


def print_preflight(
    system: str,
    environment: str,
    overrides: Sequence[str],
    say: Callable[[str], None],
    *,
    as_json: bool = False,
) -> bool:
    """Run all checks, print their outcomes, and return True if all have passed."""
    outcomes = preflight(system, environment, overrides)
    passed = all(outcome.passed for outcome in outcomes)
    if as_json:
        say(outcome_json(outcomes))
        return passed
    for line in outcome_lines(outcomes):
        say(line)
    count = sum(outcome.passed for outcome in outcomes)
    say(f"{count} of {len(outcomes)} checks passed")
    return passed
