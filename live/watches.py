"""The monitors of a running node, and their background tasks."""

from functools import partial
from pathlib import Path

from actors.messages import DataGap
from actors.protocols import published_by
from configs.live import LiveConfig
from live.account_watch import AccountWatch
from live.alerting import NodeAlerts
from live.connections import ConnectionWatch
from live.data_watch import DataWatch
from live.duties import Duty
from live.duties import every
from live.funding import FundingWatch
from live.ghosts import GhostWatch
from live.live_recording import LiveRecording
from live.node_cache import watch_cache
from live.node_protocols import Node
from live.node_warm_up import warm_up_all
from live.operations.node_operations import NodeOperations
from live.operations.state_files import has_journal
from live.operator_commands import OperatorCommands
from live.position_check import PositionChecks
from live.readiness import Readiness
from live.recorder import Recorder
from live.records_watch import RecordsWatch
from live.service_notify import ServiceNotifier
from live.shadow import ShadowWatch
from live.watchdog import Watchdog
from strategies.common.nautilus.strategy import TradingStrategy


FEED_CHECK_S = 0.5
SHADOW_CHECK_S = 1.0
CACHE_CHECK_S = 1.0
NOTIFY_S = 1.0
# A lost socket needs at least a fifth of a second to come back.
CONNECTIONS_CHECK_S = 0.05


class Watches:
    """
    Build the monitors of a node, which subscribe to its messages before it starts.

    Parameters
    ----------
    node : Node
        The node, built.
    strategies : tuple[TradingStrategy, ...]
        Its strategies.
    config : LiveConfig
        Its configuration.
    folder : Path
        The folder of its run.
    is_replay : bool
        If it is a replay, which has neither an account to confirm nor background tasks.

    Attributes
    ----------
    alerts : NodeAlerts
        Raises alerts of the node itself.
    readiness : Readiness
        Reports what the node lacks before it may enter.
    account : AccountWatch
        Checks the account against what the strategies expect.
    operator : OperatorCommands
        The commands of an operator.
    watchdog : Watchdog
        Blocks entries, halts on unknown positions, and detects gaps.
    recorder : Recorder
        Writes the files of the run; the caller closes it.
    cache : CacheWatch or None
        Monitors Redis; None for a node without one.
    failures : list[str]
        Why the node ends, filled by its runner; empty for an orderly end.

    """

    def __init__(
        self,
        node: Node,
        strategies: tuple[TradingStrategy, ...],
        config: LiveConfig,
        folder: Path,
        *,
        is_replay: bool,
    ) -> None:
        self._node = node
        self._strategies = strategies
        self._config = config
        self._is_replay = is_replay
        self.failures: list[str] = []
        self._notifier = ServiceNotifier.from_environment()
        settings, msgbus = config.settings, node.kernel.msgbus
        self.readiness = Readiness(node, config.mode, settings.stale_after_s)
        self.alerts = NodeAlerts(msgbus)
        self.account = AccountWatch(node, strategies, self.alerts)
        self.operator = OperatorCommands(
            node, strategies, self.readiness, self.account, settings.flatten_timeout_s
        )
        self.watchdog = Watchdog(node, strategies, self.readiness, settings)
        # Strategies that a restart left active enter nothing before their account was checked.
        self.watchdog.is_account_unknown = config.mode == "live" and not is_replay
        for strategy in strategies:
            strategy.stale = self.watchdog.is_account_unknown
        self.readiness.reasons.append(self.watchdog.missing)
        if not is_replay:
            # A replay continues after a gap as a backtest does: no operator could reactivate it.
            msgbus.subscribe(DataGap.topic(), self.watchdog.gaps.on_gap)
        self._position_checks = PositionChecks(node, strategies, self.watchdog.positions)
        components = [*node.trader.strategies(), *node.trader.actors()]
        self.recorder = Recorder(msgbus, folder, published_by(components))
        self.records = RecordsWatch(self.recorder, strategies)
        self._shadow: ShadowWatch | None = None
        if config.mode == "shadow" and not is_replay:
            self._shadow = ShadowWatch(
                msgbus,
                strategies,
                LiveRecording(folder.parent, config.system),
                settings.shadow_size_tolerance,
                node.kernel.logger,
            )
        self._ghosts = GhostWatch(node, strategies, self.alerts)
        self._connections = ConnectionWatch(node, strategies, self.watchdog, self.alerts)
        if not is_replay:
            self.readiness.reasons.append(self._connections.missing)
        self.cache = watch_cache(config, node, self.alerts)
        self._operations: NodeOperations | None = None
        if not is_replay and has_journal(config):
            self._operations = NodeOperations(
                node,
                strategies,
                config,
                folder,
                self.readiness,
                self.alerts,
                self.failures,
                lambda: self.watchdog.positions.is_blind,
            )

    def duties(self) -> list[Duty]:
        """Return the background tasks of a running node; a replay has none."""
        if self._is_replay:
            return []
        settings = self._config.settings
        warm_up = partial(
            warm_up_all,
            self._node,
            self._strategies,
            self.watchdog.gaps,
            self._config,
            self.readiness,
        )
        duties = [
            Duty(warm_up, is_once=True),
            Duty(self._confirm_account, is_once=True),
            every(CONNECTIONS_CHECK_S, self._connections.check),
            every(FEED_CHECK_S, self.watchdog.check_feed),
            every(FEED_CHECK_S, self.records.check),
            every(FEED_CHECK_S, DataWatch(self._node, self.alerts).check),
            every(FEED_CHECK_S, self._ghosts.take_notices),
            every(settings.position_look_s, self.watchdog.positions.check),
            every(settings.position_look_s, self._ghosts.check),
            Duty(FundingWatch(self._node, self._strategies, settings).watch),
        ]
        if self._shadow is not None:
            duties.append(every(SHADOW_CHECK_S, self._shadow.check))
        self._notifier.ready()
        duties.append(every(NOTIFY_S, self._notifier.ping))
        if self._operations is not None:
            duties += self._operations.duties()
        if self.cache is not None:
            duties.append(every(CACHE_CHECK_S, self.cache.check))
        return duties

    async def _confirm_account(self) -> None:
        await self.account.confirm_recovered()
        self.watchdog.is_account_unknown = False
