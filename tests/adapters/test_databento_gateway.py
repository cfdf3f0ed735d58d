"""The loopback gateway, as databento's own live client sees it."""

import itertools
import logging
import socket
import time
from datetime import date

import databento_dbn as dbn
import pytest
from databento import BentoError
from databento import Compression

from adapters.databento.loopback import session as session_module
from adapters.databento.loopback.symbols import Span
from adapters.databento.loopback.symbols import SymbolTable
from errors import UsageError
from tests.adapters.databento_market import BEGIN
from tests.adapters.databento_market import BUYER
from tests.adapters.databento_market import KEY
from tests.adapters.databento_market import MS
from tests.adapters.databento_market import SELLER
from tests.adapters.databento_market import Client
from tests.adapters.databento_market import catalog_sources
from tests.adapters.databento_market import gateway
from tests.adapters.databento_market import statistics_source
from tests.adapters.databento_market import tick_rows
from tests.adapters.databento_market import wait_for
from tests.adapters.dbn_files import IDS


TICK = 250_000_000
SIDES = {BUYER: "B", SELLER: "A", 0: "N"}
DAY = 86_400_000 * MS


def trades_of(rows):
    return [(row[1], row[2] * TICK, row[3], SIDES[row[4]]) for row in rows if row[0] == 1]


def seen_trades(client):
    return [
        (record.ts_event, record.price, record.size, str(record.side))
        for record in client.of(dbn.TradeMsg)
    ]


def test_trades_arrive_with_price_size_side_and_time_of_the_catalog(tmp_path):
    rows = tick_rows(0, 300, 1)
    with gateway(catalog_sources(tmp_path, rows), close_at_end=True) as served:
        client = Client(served).subscribe("trades").start()
        client.live.block_for_close(10)

    assert seen_trades(client) == trades_of(rows)
    mapping = client.of(dbn.SymbolMappingMsg)[0]
    assert (mapping.instrument_id, mapping.stype_out_symbol) == (IDS["NQZ5"], "NQZ5")
    assert served.sessions[0].records == 300


def test_mbp_1_carries_every_quote_and_each_trade_with_the_quote_before_it(tmp_path):
    rows = tick_rows(0, 50, 1)
    with gateway(catalog_sources(tmp_path, rows), close_at_end=True) as served:
        client = Client(served).subscribe("mbp-1").start()
        client.live.block_for_close(10)

    found = client.of(dbn.MBP1Msg)
    assert [str(record.action) for record in found] == ["M", "T"] * 50
    for record, row in zip(found[0::2], rows[0::2], strict=True):
        level = record.levels[0]
        book = (level.bid_px, level.bid_sz, level.ask_px, level.ask_sz)
        assert book == (row[2] * TICK, row[3], row[4] * TICK, row[5])
    for quote, trade in zip(found[0::2], found[1::2], strict=True):
        assert trade.levels[0].bid_px == quote.levels[0].bid_px
    assert [(r.ts_event, r.price, r.size, str(r.side)) for r in found[1::2]] == trades_of(rows)


def test_the_iterator_gives_a_continuous_symbol_under_its_contract(tmp_path):
    rows = tick_rows(0, 40, 1)
    later = tick_rows(0, 40, 1, base=101_000)
    with gateway(catalog_sources(tmp_path, rows, later), close_at_end=True) as served:
        client = Client(served).subscribe("trades", "NQ.v.0", stype_in="continuous")
        found = list(client.live)

    mapping = next(record for record in found if type(record) is dbn.SymbolMappingMsg)
    assert (mapping.stype_in_symbol, mapping.stype_out_symbol) == ("NQ.v.0", "NQZ5")
    trades = [record for record in found if type(record) is dbn.TradeMsg]
    assert len(trades) == 40
    assert {record.instrument_id for record in trades} == {IDS["NQZ5"]}


def test_a_parent_gives_all_its_contracts_in_the_order_of_time(tmp_path):
    rows = tick_rows(0, 40, 1)
    later = tick_rows(0, 40, 1, base=101_000)
    with gateway(catalog_sources(tmp_path, rows, later), close_at_end=True) as served:
        client = Client(served).subscribe("trades", "NQ.FUT", stype_in="parent").start()
        client.live.block_for_close(10)

    trades = client.of(dbn.TradeMsg)
    assert len(trades) == 80
    assert [r.ts_recv for r in trades] == sorted(r.ts_recv for r in trades)
    assert {m.stype_out_symbol for m in client.of(dbn.SymbolMappingMsg)} == {"NQZ5", "NQH6"}


def test_a_continuous_symbol_changes_its_contract_at_the_roll(tmp_path):
    rows = tick_rows(0, 60, 3_600_000)
    later = tick_rows(0, 60, 3_600_000, base=101_000)
    day = BEGIN // DAY * DAY + DAY
    roll = time.gmtime(day // 10**9)
    spans = [Span(IDS[name], name) for name in ("NQZ5", "NQH6")]
    rolls = {"NQ.c.0": [(date(2025, 1, 1), "NQZ5"), (date(*roll[:3]), "NQH6")]}
    table = SymbolTable(spans, rolls)
    with gateway(
        catalog_sources(tmp_path, rows, later),
        close_at_end=True,
        symbols=table,
    ) as served:
        client = Client(served).subscribe("trades", "NQ.c.0", stype_in="continuous").start()
        client.live.block_for_close(10)

    trades = client.of(dbn.TradeMsg)
    assert len(trades) == 60
    for record in trades:
        assert record.instrument_id == IDS["NQH6" if record.ts_recv >= day else "NQZ5"]
    kinds = [(type(r), r.instrument_id) for r in client.received if hasattr(r, "instrument_id")]
    first = kinds.index((dbn.TradeMsg, IDS["NQH6"]))
    assert kinds[first - 1] == (dbn.SymbolMappingMsg, IDS["NQH6"])


def test_a_roll_after_the_last_record_neither_comes_nor_delays_the_end(tmp_path):
    rows = tick_rows(0, 20, 1)
    later = tick_rows(0, 20, 1, base=101_000)
    for speed in (None, 10.0):
        sources = catalog_sources(tmp_path / str(speed), rows, later)
        with gateway(sources, speed=speed, close_at_end=True) as served:
            client = Client(served).subscribe("trades", "NQ.v.0", stype_in="continuous").start()
            client.live.block_for_close(5)
        assert [m.stype_out_symbol for m in client.of(dbn.SymbolMappingMsg)] == ["NQZ5"]
        assert len(client.of(dbn.TradeMsg)) == 20


def test_bars_of_a_second_hold_its_trades(tmp_path):
    rows = tick_rows(0, 50, 100)
    with gateway(catalog_sources(tmp_path, rows), close_at_end=True) as served:
        client = Client(served).subscribe("ohlcv-1s").subscribe("trades").start()
        client.live.block_for_close(10)

    bars = client.of(dbn.OHLCVMsg)
    assert len(bars) == 5
    for index, bar in enumerate(bars):
        trades = [row for row in rows if row[0] == 1][index * 10 : index * 10 + 10]
        prices = [row[2] * TICK for row in trades]
        assert bar.ts_event == BEGIN + index * 1000 * MS
        assert (bar.open, bar.close) == (prices[0], prices[-1])
        assert (bar.high, bar.low) == (max(prices), min(prices))
        assert bar.volume == sum(row[3] for row in trades)
    order = [type(r) for r in client.received if type(r) in (dbn.OHLCVMsg, dbn.TradeMsg)]
    assert order.index(dbn.OHLCVMsg) == 10, "a bar is not published before it has closed"


def test_definitions_and_statistics_arrive(tmp_path):
    sources = [*catalog_sources(tmp_path, tick_rows(0, 5, 1)), statistics_source(tmp_path, BEGIN)]
    with gateway(sources, close_at_end=True) as served:
        client = Client(served).subscribe("definition", start=0).subscribe("statistics").start()
        client.live.block_for_close(10)

    definition = client.of(dbn.InstrumentDefMsg)[0]
    assert definition.raw_symbol == "NQZ5"
    assert definition.min_price_increment == TICK
    assert definition.unit_of_measure_qty == 20 * 10**9
    assert definition.exchange == "XCME"
    assert [record.price for record in client.of(dbn.StatMsg)] == [25_001_250_000_000]


def test_compression_and_time_of_sending_change_nothing_else(tmp_path):
    rows = tick_rows(0, 3_000, 1)
    with gateway(catalog_sources(tmp_path, rows), close_at_end=True) as served:
        client = Client(served, compression=Compression.ZSTD, ts_out=True)
        client.subscribe("trades").start()
        client.live.block_for_close(10)

    assert seen_trades(client) == trades_of(rows)
    assert all(abs(r.ts_out - time.time_ns()) < 60 * 10**9 for r in client.of(dbn.TradeMsg))


def test_a_wrong_key_is_refused_and_no_key_is_shown(tmp_path, caplog, capsys):
    wrong = "db-zzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
    caplog.set_level(logging.DEBUG)
    with gateway(catalog_sources(tmp_path, tick_rows(0, 5, 1))) as served:
        with pytest.raises(BentoError, match="Incorrect API key"):
            Client(served, key=wrong).subscribe("trades")
        Client(served).subscribe("trades").stop()
        shown = repr(served.sessions) + repr(served)

    assert [record.is_authenticated for record in served.sessions] == [False, True]
    shown += caplog.text + "".join(capsys.readouterr())
    assert KEY not in shown
    assert wrong not in shown


def test_another_dataset_is_refused(tmp_path):
    with (
        gateway(catalog_sources(tmp_path, tick_rows(0, 5, 1)), dataset="XNAS.ITCH") as served,
        pytest.raises(BentoError, match=r"no live license for GLBX\.MDP3"),
    ):
        Client(served).subscribe("trades")


def test_unknown_symbols_are_reported_and_the_others_served(tmp_path):
    with gateway(catalog_sources(tmp_path, tick_rows(0, 5, 1)), close_at_end=True) as served:
        client = Client(served).subscribe("trades", ["NQZ5", "NQZ9"]).start()
        with pytest.raises(BentoError, match="Failed to resolve raw_symbol symbols: NQZ9"):
            client.live.block_for_close(10)

    assert len(client.of(dbn.TradeMsg)) == 5


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"schema": "mbp-10"}, "no mbp-10 here"),
        ({"schema": "trades", "snapshot": True}, "snapshot is only for mbo"),
        ({"schema": "trades", "start": BEGIN + DAY}, "lies in the future"),
    ],
)
def test_a_subscription_without_data_ends_the_session(tmp_path, asked, message):
    with gateway(catalog_sources(tmp_path, tick_rows(0, 5, 1))) as served:
        client = Client(served).subscribe(**asked).start()
        with pytest.raises(BentoError, match=message):
            client.live.block_for_close(10)


def test_a_record_of_two_subscriptions_comes_once(tmp_path):
    with gateway(catalog_sources(tmp_path, tick_rows(0, 30, 1)), close_at_end=True) as served:
        client = Client(served).subscribe("trades").subscribe("trades", "NQ.FUT", stype_in="parent")
        client.start()
        client.live.block_for_close(10)

    assert len(client.of(dbn.TradeMsg)) == 30


def test_a_replay_from_a_start_catches_up_and_goes_on(tmp_path):
    rows = tick_rows(0, 100, 5)
    sources = catalog_sources(tmp_path, rows)
    with gateway(sources, speed=1.0, close_at_end=True) as served:
        first = Client(served).subscribe("trades").start()
        wait_for(lambda: len(first.of(dbn.TradeMsg)) >= 30)
        second = Client(served).subscribe("trades", start=BEGIN + 50 * MS).start()
        second.live.block_for_close(10)
        first.live.block_for_close(10)

    assert seen_trades(first) == trades_of(rows)
    assert seen_trades(second) == trades_of(rows)[10:]
    codes = [str(r.code) if type(r) is dbn.SystemMsg else "" for r in second.received]
    done = codes.index("replay_completed")
    before = sum(type(record) is dbn.TradeMsg for record in second.received[:done])
    assert 20 <= before < 90


def test_at_speed_one_records_come_when_they_happened(tmp_path):
    rows = tick_rows(0, 20, 30)
    with gateway(catalog_sources(tmp_path, rows), speed=1.0, shift_to_now=True) as served:
        client = Client(served).subscribe("trades")
        arrivals: list[tuple[int, int]] = []
        client.live.add_callback(lambda r: arrivals.append((time.time_ns(), r.ts_event)))
        client.start()
        wait_for(lambda: len(client.of(dbn.TradeMsg)) == 20)
        client.stop()

    found = client.of(dbn.TradeMsg)
    spacing = {b.ts_event - a.ts_event for a, b in itertools.pairwise(found)}
    assert spacing == {30 * MS}
    late = [now - ts for now, ts in arrivals[-20:]]
    assert min(late) >= 0, "nothing is sent before it happened"
    assert sorted(late)[10] < 100 * MS


def test_at_ten_times_the_speed_a_market_takes_a_tenth_of_its_time(tmp_path):
    rows = tick_rows(0, 11, 500)
    with gateway(catalog_sources(tmp_path, rows), speed=10.0, close_at_end=True) as served:
        began = time.monotonic()
        client = Client(served).subscribe("trades").start()
        client.live.block_for_close(10)
        elapsed = time.monotonic() - began

    assert seen_trades(client) == trades_of(rows)
    # A busy machine is slow, but not as slow as the market itself.
    assert 0.5 <= elapsed < 5.0


def test_a_market_goes_no_further_than_it_is_let(tmp_path):
    sources = catalog_sources(tmp_path, tick_rows(0, 300, 1_000))
    with gateway(sources) as served:
        served.allow(BEGIN + 99_999 * MS)
        client = Client(served).subscribe("trades").start()
        wait_for(lambda: len(client.of(dbn.TradeMsg)) == 100)
        time.sleep(0.2)
        assert len(client.of(dbn.TradeMsg)) == 100
        served.allow(BEGIN + 100_001 * MS)
        wait_for(lambda: len(client.of(dbn.TradeMsg)) == 101)
        served.allow(BEGIN + 300_000 * MS)
        wait_for(lambda: len(client.of(dbn.TradeMsg)) == 300)
        client.stop()


def test_a_client_reconnects_after_a_drop_and_misses_only_the_gap(tmp_path):
    rows = tick_rows(0, 1_000, 4)
    gaps = []
    with gateway(catalog_sources(tmp_path, rows), speed=1.0) as served:
        client = Client(served, reconnect_policy="reconnect").subscribe("trades")
        client.live.add_reconnect_callback(lambda start, end: gaps.append((start, end)))
        client.start()
        wait_for(lambda: len(client.of(dbn.TradeMsg)) >= 50)
        served.faults.drop()
        before = len(client.of(dbn.TradeMsg))
        wait_for(lambda: len(served.sessions) == 2 and served.sessions[1].records >= 50)
        wait_for(lambda: len(client.of(dbn.TradeMsg)) >= before + 50)
        client.stop()

    found = seen_trades(client)
    expected = trades_of(rows)
    assert len(gaps) == 1
    assert [(s.schema, s.symbols) for s in served.sessions[1].subscriptions] == [
        ("trades", ("NQZ5",)),
    ]
    assert len(set(found)) == len(found)
    assert [row for row in expected if row in set(found)] == found
    assert expected[: before - 5] == found[: before - 5]


def test_a_connection_cut_inside_a_record_loses_nothing_before_it(tmp_path):
    rows = tick_rows(0, 50, 1)
    with gateway(catalog_sources(tmp_path, rows)) as served:
        client = Client(served).subscribe("trades").start()
        wait_for(lambda: len(client.of(dbn.TradeMsg)) == 50)
        served.faults.drop(inside_record=True)
        client.live.block_for_close(5)

    assert seen_trades(client) == trades_of(rows)
    assert not client.of(dbn.SystemMsg)[1:]


def test_a_frozen_gateway_is_silent_and_sends_everything_later(tmp_path):
    rows = tick_rows(0, 200, 5)
    with gateway(catalog_sources(tmp_path, rows), speed=1.0, heartbeat_s=0.05) as served:
        client = Client(served).subscribe("trades").start()
        wait_for(lambda: len(client.of(dbn.TradeMsg)) >= 20)
        served.faults.freeze()
        time.sleep(0.15)
        count = len(client.received)
        time.sleep(0.3)
        assert len(client.received) == count
        assert served.sessions[0].is_open
        served.faults.unfreeze()
        wait_for(lambda: len(client.of(dbn.TradeMsg)) == 200)
        client.stop()

    assert seen_trades(client) == trades_of(rows)


def test_a_quiet_session_has_a_heartbeat(tmp_path):
    with gateway(catalog_sources(tmp_path, tick_rows(0, 5, 1)), heartbeat_s=0.1) as served:
        client = Client(served).subscribe("trades").start()
        wait_for(lambda: sum(m.is_heartbeat() for m in client.of(dbn.SystemMsg)) >= 3)
        client.stop()


def test_a_slow_reader_is_warned_or_skipped_forward(tmp_path, monkeypatch):
    monkeypatch.setattr(session_module, "_SLOW_S", 0.2)
    rows = tick_rows(0, 200, 5)
    for behavior, skips in (("warn", False), ("skip", True)):
        sources = catalog_sources(tmp_path / behavior, rows)
        with gateway(sources, speed=1.0) as served:
            client = Client(served, slow_reader_behavior=behavior).subscribe("trades").start()
            wait_for(lambda: len(client.of(dbn.TradeMsg)) >= 10)  # noqa: B023
            served.faults.freeze()
            time.sleep(0.4)
            served.faults.unfreeze()
            wait_for(lambda: seen_trades(client)[-1] == trades_of(rows)[-1])  # noqa: B023
            client.stop()
        codes = [str(record.code) for record in client.of(dbn.SystemMsg)]
        assert codes.count("slow_reader_warning") == 1
        lost = 200 - len(client.of(dbn.TradeMsg))
        assert (lost > 40) is skips
        errors = [str(record.code) for record in client.of(dbn.ErrorMsg)]
        assert errors == (["skipped_records_after_slow_reading"] if skips else [])
        assert skips or lost == 0


def test_an_error_record_reaches_the_client(tmp_path):
    with gateway(catalog_sources(tmp_path, tick_rows(0, 5, 1))) as served:
        client = Client(served).subscribe("trades").start()
        wait_for(lambda: len(client.of(dbn.TradeMsg)) == 5)
        served.faults.error("API key deactivated", "api_key_deactivated")
        served.faults.close()
        with pytest.raises(BentoError, match="API key deactivated"):
            client.live.block_for_close(5)

    assert [str(record.code) for record in client.of(dbn.ErrorMsg)] == ["api_key_deactivated"]


def test_wrong_versions_stand_in_greeting_and_header(tmp_path, caplog):
    with gateway(catalog_sources(tmp_path, tick_rows(0, 5, 1))) as served:
        served.faults.lsg_version = "99.0.0"
        served.faults.dbn_version = 9
        with socket.create_connection((served.host, served.port), 5) as connection:
            assert connection.recv(100).startswith(b"lsg_version=99.0.0\ncram=")
        client = Client(served).subscribe("trades").start()
        client.live.block_for_close(5)

    assert client.received == []
    assert "can't decode newer version of DBN" in caplog.text


def test_a_refusing_gateway_cuts_connections(tmp_path):
    with gateway(catalog_sources(tmp_path, tick_rows(0, 5, 1))) as served:
        served.faults.refuses = True
        with (
            socket.create_connection((served.host, served.port), 5) as connection,
        ):
            assert connection.recv(100) == b""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"host": "0.0.0.0"}, "is not a loopback address"),
        ({"speed": 0.0}, "speed: 0.0 is not positive"),
        ({"speed": None, "shift_to_now": True}, "needs a speed"),
    ],
)
def test_arguments_that_cannot_be_served_are_refused(tmp_path, options, message):
    sources = catalog_sources(tmp_path, tick_rows(0, 5, 1))
    with pytest.raises(UsageError, match=message), gateway(sources, **options):
        pass
