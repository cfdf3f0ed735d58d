"""What goes wrong around a node, how it begins, and how it is over."""

import os
import random
import resource
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from adapters.bybit.loopback.checks import NO_BALANCE
from adapters.bybit.loopback.connection import KINDS
from adapters.bybit.loopback.faults import Faults
from adapters.bybit.loopback.venue_closes import VenueClose
from tests.adapters.bybit_server import wait_until
from tests.faults.bench import FAKE_CLOCK
from tests.faults.bench import REDIS
from tests.faults.bench import START_S
from tests.faults.bench import Bench
from tests.faults.judge import WatchedBybit
from tests.faults.states import LOTS


MANY = 1_000
DOWN_S = 3.0
LIMITED_S = 1.5
CREATE = "/v5/order/create"
ORDER_PATHS = (CREATE, "/v5/order/cancel")
LATER_S = 0.4
READ_PATHS = (
    "/v5/order/realtime",
    "/v5/order/history",
    "/v5/execution/list",
    "/v5/position/list",
    "/v5/account/wallet-balance",
)
# The socket that matters most in each state.
FROZEN = {
    "flat": "trade",
    "entry_working": "private",
    "partly_filled": "trade",
    "in_position": "public",
    "after_tp1": "private",
    "exit_sent": "trade",
}


@dataclass(frozen=True)
class Fault:
    """
    Represents something that goes wrong.

    Parameters
    ----------
    begin : Callable[[Bench, str], None]
        Lets it begin, in a state.
    end : Callable[[Bench, str], None]
        Waits as long as it lasts, and lets it be over.
    before_exit : bool, default False
        If it begins before the exit of the state `exit_sent` is sent, since it befalls that order.
    vain_exits : int, default 0
        How many exits may find less of the position than the node knew of.
    is_booked : bool, default True
        If the result of the day must be the account's.

    """

    begin: Callable[[Bench, str], None]
    end: Callable[[Bench, str], None]
    before_exit: bool = False
    vain_exits: int = 0
    is_booked: bool = True


def clear(bench: Bench, _: str = "") -> None:
    """Switch all faults of the venue off."""

    def clear_all(server: WatchedBybit) -> None:
        for name, value in vars(Faults()).items():
            setattr(server.faults, name, value)
        for kind in KINDS:
            server.thaw(kind)

    bench.server(clear_all)


def drop(bench: Bench, _: str) -> None:
    def cut(server: WatchedBybit) -> None:
        for kind in KINDS:
            server.faults.refuse_connections.add(kind)
            server.drop(kind)

    bench.server(cut)


def reconnect(bench: Bench, _: str) -> None:
    time.sleep(DOWN_S)
    clear(bench)
    wait_until(bench.connected, 15.0, bench.output)


def freeze(bench: Bench, state: str) -> None:
    bench.server(lambda s: s.freeze(FROZEN[state]))


def thaw(bench: Bench, _: str) -> None:
    time.sleep(DOWN_S)
    clear(bench)


def fail_rest(bench: Bench, _: str) -> None:
    def fail(server: WatchedBybit) -> None:
        for path in READ_PATHS:
            server.faults.fail_requests(path, MANY)

    bench.server(fail)


def limit_rate(bench: Bench, _: str) -> None:
    def limit(server: WatchedBybit) -> None:
        for path in (*ORDER_PATHS, *READ_PATHS):
            server.faults.limit_rate(path, MANY)

    bench.server(limit)


def lift_limit(bench: Bench, _: str) -> None:
    time.sleep(LIMITED_S)
    clear(bench)


def reject(bench: Bench, _: str) -> None:
    bench.server(lambda s: s.faults.reject_orders(NO_BALANCE, "ab not enough for new order", MANY))


def spent(bench: Bench, _: str) -> None:
    time.sleep(LIMITED_S)
    clear(bench)


def untruth(
    code: int,
    message: str = "",
    *,
    after_s: float | None = 0.0,
    fills_entries: bool = False,
) -> Callable[[Bench, str], None]:
    """Let every order request be answered with an error, or not at all, whatever becomes of it."""

    def begin(bench: Bench, _: str) -> None:
        def switch(server: WatchedBybit) -> None:
            answer = {"code": code, "message": message, "after_s": after_s, "times": MANY}
            if fills_entries:
                server.faults.answer_falsely(CREATE, purpose="E", fills=True, **answer)
            for path in ORDER_PATHS:
                server.faults.answer_falsely(path, **answer)

        bench.server(switch)

    return begin


def disorder(bench: Bench, _: str) -> None:
    def switch(server: WatchedBybit) -> None:
        server.faults.duplicate = server.faults.swap = True
        server.faults.delay_s = 0.5

    bench.server(switch)


def restore_order(bench: Bench, _: str) -> None:
    time.sleep(LIMITED_S)
    bench.server(lambda s: s.release_private())
    clear(bench)
    time.sleep(0.5)


def hold_stops(bench: Bench, _: str) -> None:
    """Let no trade trigger a stop, in a market without events but those of the test."""
    bench.is_quiet = True
    bench.server(lambda s: setattr(s.venue.engine, "triggers_stops", False))


def release_stops(bench: Bench, state: str) -> None:
    if state == "after_tp1":
        # The market stays quiet until the clock alone has closed the position.
        wait_until(lambda: bench.size() == 0, 5.0, bench.output)
    else:
        time.sleep(LIMITED_S)
    bench.server(lambda s: setattr(s.venue.engine, "triggers_stops", True))
    bench.is_quiet = False


def change(bench: Bench, state: str) -> None:
    def grow(server: WatchedBybit) -> None:
        size = server.venue.engine.account.size
        server.change_position(size + bench.sign * Decimal("0.005"), Decimal(60_000))

    bench.server(grow)


def noticed(bench: Bench, _: str) -> None:
    clear(bench)
    wait_until(lambda: bench.strategy().get("halted"), 15.0, bench.output)


def kill(bench: Bench, _: str) -> None:
    bench.kill()
    clear(bench)


def start_again(bench: Bench, _: str) -> None:
    bench.start()
    bench.wait()


def damage(bench: Bench, _: str) -> None:
    """Kill the node, and spoil one byte of the last state that the journal has of it."""
    kill(bench, _)
    bench.change_journal(
        "UPDATE snapshots SET state = substr(state, 1, 200) || char(1) || substr(state, 202) "
        "WHERE id = (SELECT max(id) FROM snapshots)"
    )


def lose_cache(bench: Bench, _: str) -> None:
    """Kill the node; Redis has of it what came after its content was lost: no instrument."""
    kill(bench, _)
    assert bench.redis is not None
    lost = [
        key
        for kind in ("instruments", "accounts", "currencies", "general")
        for key in bench.redis.client.keys(f"trader-*:{kind}:*")
    ]
    assert lost
    bench.redis.client.delete(*lost)


def spoil_cache(bench: Bench, _: str) -> None:
    """Kill the node; what Redis has of its orders is garbage."""
    kill(bench, _)
    assert bench.redis is not None
    bench.redis.client.rpush("trader-LIVE-001:orders:O\u00e9".encode(), b"\xff\x00")


def start_with_redis(bench: Bench, _: str) -> None:
    bench.start(REDIS)
    bench.wait()


def stop(bench: Bench, _: str) -> None:
    """Stop the node as a machine that swaps or a debugger would; the next one stands by."""
    node = bench.status()["pid"]
    wait_until(lambda: has_standby(bench, node), START_S, bench.output)
    bench.hung = node
    os.kill(node, signal.SIGSTOP)


def has_standby(bench: Bench, node: int) -> bool:
    """Return True if another process is loaded: it takes no more CPU."""
    others = [pid for pid in bench.children() if pid != node]
    before = [cpu_ticks(pid) for pid in others]
    time.sleep(0.5)
    return bool(others) and before == [cpu_ticks(pid) for pid in others] != [0]


def cpu_ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def resumed_by_another(bench: Bench, _: str) -> None:
    clear(bench)
    wait_until(lambda: bench.status().get("pid", bench.hung) != bench.hung, START_S, bench.output)
    bench.wait()


def fund_and_kill(bench: Bench, state: str) -> None:
    """Kill the node; its position pays funding, or an earlier one has paid before it."""
    bench.kill()

    def fund(server: WatchedBybit) -> None:
        engine, now = server.venue.engine, server.venue.matching_ns()
        held, price = engine.account.size, Decimal(60_000)
        if not held:
            engine.account.replace_position(bench.sign * LOTS, price, now)
        server.venue.settle_funding(now, Decimal("0.0001"))
        engine.settle_session(now)
        if not held:
            engine.account.replace_position(held, price, now)
            # No client is connected, and the judge must not see old events.
            engine.changes()

    bench.server(fund)
    clear(bench)


def close_by_venue(manner: VenueClose, share: str, alert: str) -> Fault:
    """Let the venue close a share of the position as soon as there is one."""

    def close(bench: Bench) -> None:
        bench.server(lambda s: s.close_position(manner, Decimal(share)))

    def begin(bench: Bench, state: str) -> None:
        if state == "exit_sent":
            # The node does not hear of it, and sends an exit for what it believes to be there.
            bench.server(lambda s: s.freeze("private"))
        if bench.size():
            close(bench)

    def end(bench: Bench, state: str) -> None:
        def told() -> str:
            return f"{bench.size()} {bench.orders()} {bench.status()} {bench.output()}"

        if state == "flat":
            wait_until(lambda: bool(bench.orders()), 15.0, told)
            bench.trade("59989", str(LOTS))
            wait_until(lambda: bench.stops() == LOTS, 15.0, told)
        if state in ("flat", "entry_working"):
            close(bench)
        wait_until(lambda: alert in bench.receiver.kinds, 15.0, told)

    return Fault(begin, end, before_exit=True, vain_exits=1)


def jump(seconds: int) -> Callable[[Bench, str], None]:
    def begin(bench: Bench, _: str) -> None:
        bench.set_clock(seconds)

    return begin


def put_back(bench: Bench, _: str) -> None:
    """Set the clock right again: the node ends, and is started as a supervisor would."""
    time.sleep(DOWN_S)
    bench.set_clock(0)
    assert bench.process.wait(30.0) == 1
    bench.start(FAKE_CLOCK)
    bench.wait()


def put_forward(bench: Bench, _: str) -> None:
    time.sleep(DOWN_S)
    bench.set_clock(0)


def fill_disk(bench: Bench, _: str) -> None:
    """Let the kernel refuse every byte the node writes to a file (EFBIG)."""
    _, hard = resource.prlimit(bench.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(bench.process.pid, resource.RLIMIT_FSIZE, (0, hard))


def make_room(bench: Bench, _: str) -> None:
    wait_until(lambda: "JOURNAL_STUCK" in bench.receiver.kinds, 15.0, bench.output)
    time.sleep(LIMITED_S)
    _, hard = resource.prlimit(bench.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(bench.process.pid, resource.RLIMIT_FSIZE, (hard, hard))


def damage_journal(bench: Bench, _: str) -> None:
    """Write garbage over the journal and its log, in place, while the node has them open."""
    chance = random.Random(7)
    path = bench.folder / "journal" / "journal.sqlite"
    for file in (path, path.with_name("journal.sqlite-wal")):
        with file.open("r+b") as opened:
            opened.write(chance.randbytes(file.stat().st_size))


def start_on_the_next_journal(bench: Bench, state: str) -> None:
    """Wait until another journal has begun, and let another node go on from it."""
    wait_until(lambda: "JOURNAL_DAMAGED" in bench.receiver.kinds, 30.0, bench.output)
    kill(bench, state)
    start_again(bench, state)


def silence_receiver(bench: Bench, state: str) -> None:
    if state in ("entry_working", "exit_sent"):
        bench.receiver.leave()
    else:
        bench.receiver.hang()


def wake_receiver(bench: Bench, _: str) -> None:
    time.sleep(LIMITED_S)
    bench.receiver.answer()


FAULTS = {
    "socket_drop": Fault(drop, reconnect),
    "frozen_socket": Fault(freeze, thaw),
    "rest_5xx": Fault(fail_rest, thaw),
    "rate_limit": Fault(limit_rate, lift_limit, before_exit=True),
    "rejects": Fault(reject, spent, before_exit=True),
    "error_but_works": Fault(untruth(10016, "Server error."), spent, before_exit=True),
    "error_works_later": Fault(
        untruth(10000, "Server Timeout", after_s=LATER_S), spent, before_exit=True
    ),
    "error_but_filled": Fault(
        untruth(10016, "Server error.", fills_entries=True), spent, before_exit=True
    ),
    "error_not_taken": Fault(
        untruth(10016, "Server error.", after_s=None), spent, before_exit=True
    ),
    "lost_ack": Fault(untruth(0), spent, before_exit=True),
    "disordered_fills": Fault(disorder, restore_order, before_exit=True),
    "stop_not_triggered": Fault(hold_stops, release_stops, before_exit=True),
    "changed_outside": Fault(change, noticed, is_booked=False),
    "kill": Fault(kill, start_again),
    "snapshot_damaged": Fault(damage, start_again),
    "redis_lost": Fault(lose_cache, start_with_redis),
    "redis_garbage": Fault(spoil_cache, start_with_redis),
    "hang": Fault(stop, resumed_by_another),
    "funding_restart": Fault(fund_and_kill, start_again),
    "liquidation": close_by_venue(VenueClose.LIQUIDATION, "1", "LIQUIDATED"),
    "adl": close_by_venue(VenueClose.ADL, "0.4", "ADL"),
    "clock_ahead": Fault(jump(90), put_back),
    "clock_behind": Fault(jump(-90), put_forward),
    "disk_full": Fault(fill_disk, make_room, before_exit=True),
    "journal_damaged": Fault(damage_journal, start_on_the_next_journal),
    "receiver_down": Fault(silence_receiver, wake_receiver, before_exit=True),
}
