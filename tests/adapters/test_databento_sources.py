"""What the loopback gateway plays: DBN files and catalogs."""

import asyncio
import socket
from functools import partial
from pathlib import Path

import databento_dbn as dbn
import numpy as np
import pytest
from databento import DBNStore

from adapters.databento.dbn import DbnFile
from adapters.databento.ingest import ingest_databento
from adapters.databento.login import check_login
from adapters.databento.loopback.catalog_source import CatalogSource
from adapters.databento.loopback.dbn_source import DbnSource
from adapters.databento.loopback.symbols import SymbolTable
from adapters.databento.loopback.tape import Tape
from adapters.databento.records import UNDEF_PRICE
from errors import AuctionError
from errors import UsageError
from tests.adapters.databento_market import BEGIN
from tests.adapters.databento_market import KEY
from tests.adapters.databento_market import MS
from tests.adapters.databento_market import NQZ5
from tests.adapters.databento_market import Client
from tests.adapters.databento_market import catalog_sources
from tests.adapters.databento_market import gateway
from tests.adapters.databento_market import tick_rows
from tests.adapters.databento_market import wait_for
from tests.adapters.dbn_files import records
from tests.adapters.dbn_files import write_dbn
from tests.markets import BTC
from tests.markets import write_vector_catalog


def joined(source, schema, start_ns=0):
    return np.concatenate([block.records for block in source.read(schema, start_ns)])


def test_a_catalog_read_from_the_middle_is_the_rest_of_the_whole(tmp_path):
    (source,) = catalog_sources(tmp_path, tick_rows(0, 400, 250))
    for schema in ("trades", "mbp-1", "tbbo", "ohlcv-1s", "ohlcv-1m"):
        whole = list(source.read(schema, 0))
        due = np.concatenate([block.due for block in whole])
        everything = np.concatenate([block.records for block in whole])
        assert (np.diff(due) >= 0).all()
        for start in (BEGIN + 30_000 * MS, BEGIN + 60_000 * MS, BEGIN + 71_250 * MS + 1):
            rest = joined(source, schema, start)
            assert rest.tobytes() == everything[due >= start].tobytes(), schema


def test_tbbo_is_the_trades_of_mbp_1(tmp_path):
    (source,) = catalog_sources(tmp_path, tick_rows(0, 40, 10))
    book = joined(source, "mbp-1")
    assert joined(source, "tbbo").tobytes() == book[book["action"] == b"T"].tobytes()


def test_a_trade_before_any_quote_has_no_quote(tmp_path):
    rows = [(1, BEGIN, 100_000, 1, 1), (0, BEGIN + MS, 99_999, 2, 100_000, 3)]
    (source,) = catalog_sources(tmp_path, rows)
    trade, quote = joined(source, "mbp-1")
    assert (trade["bid_px_00"], trade["ask_px_00"]) == (UNDEF_PRICE, UNDEF_PRICE)
    assert (quote["bid_sz_00"], quote["ask_sz_00"]) == (2, 3)


def test_bars_of_many_batches_are_those_of_one(tmp_path, monkeypatch):
    from adapters.databento.loopback import catalog_source

    (source,) = catalog_sources(tmp_path, tick_rows(0, 500, 130))
    whole = joined(source, "ohlcv-1s").tobytes()
    read = catalog_source.read_ticks
    monkeypatch.setattr(
        catalog_source,
        "read_ticks",
        lambda path, name, start=0: read(path, name, start, batch_rows=7),
    )
    assert joined(source, "ohlcv-1s").tobytes() == whole


def test_a_catalog_of_bars_plays_them_at_their_close(tmp_path):
    rows = [
        {"ts_event": BEGIN + i * 60_000 * MS, "open": 10, "high": 14, "low": 9, "close": 11 + i}
        for i in range(3)
    ]
    data = records("ohlcv-1m", [{**row, "volume": 5} for row in rows])
    ingest_databento(tmp_path, [write_dbn(tmp_path / "bars.dbn.zst", "ohlcv-1m", data)])

    source = CatalogSource(tmp_path, NQZ5, 158704)

    assert source.schemas == ("ohlcv-1m", "definition")
    (block,) = source.read("ohlcv-1m", 0)
    assert block.records.tobytes() == data.tobytes()
    assert block.due[0] == BEGIN + 60_000 * MS
    late = joined(source, "ohlcv-1m", BEGIN + 120_000 * MS)
    assert late.tobytes() == data[1:].tobytes()


def test_a_catalog_without_quotes_has_no_schema_of_quotes(tmp_path):
    rows = [row for row in tick_rows(0, 10, 10) if row[0] == 1]
    (source,) = catalog_sources(tmp_path, rows)
    assert source.schemas == ("trades", "ohlcv-1s", "ohlcv-1m", "definition")


def test_a_perpetual_with_parts_of_contracts_is_refused(tmp_path):
    write_vector_catalog(tmp_path)
    with pytest.raises(UsageError, match="sizes of 0.001 are not encodable"):
        CatalogSource(tmp_path, BTC, 1)


def test_a_catalog_without_the_instrument_is_refused(tmp_path):
    catalog_sources(tmp_path, tick_rows(0, 4, 10))
    with pytest.raises(AuctionError, match=r"has no instrument NQH6\.XCME"):
        CatalogSource(tmp_path, "NQH6.XCME", 1)


def test_a_file_plays_its_records_in_the_order_of_the_file(tmp_path):
    rows = [{"ts_event": BEGIN + i * MS, "price": i, "sequence": i} for i in range(5)]
    data = records("trades", rows)
    data["ts_recv"][2] = data["ts_recv"][1] - 5
    source = DbnSource(write_dbn(tmp_path / "trades.dbn.zst", "trades", data))
    (block,) = source.read("trades", 0)
    assert block.records.tobytes() == data.tobytes()
    assert (np.diff(block.due) >= 0).all()
    late = joined(source, "trades", int(data["ts_recv"][3]))
    assert late["sequence"].tolist() == [3, 4]


def test_a_damaged_file_is_named(tmp_path):
    path = tmp_path / "trades.dbn"
    path.write_bytes(b"no dbn")
    with pytest.raises(AuctionError, match=r"trades\.dbn"):
        DbnSource(path)
    with pytest.raises(UsageError, match="no such file"):
        DbnSource(tmp_path / "missing.dbn")


def test_sources_without_a_market_are_refused(tmp_path):
    with pytest.raises(UsageError, match="no source"):
        Tape([])
    data = records("definition", [{"ts_event": BEGIN}])
    source = DbnSource(write_dbn(tmp_path / "d.dbn", "definition", data))
    with pytest.raises(UsageError, match="nothing to play"):
        Tape([source]).begin_ns()


def test_a_login_is_tried_without_a_session(tmp_path):
    with gateway(catalog_sources(tmp_path, tick_rows(0, 4, 10))) as served:
        asyncio.run(check_login("GLBX.MDP3", KEY, 5.0, served.host, served.port))
        with pytest.raises(AuctionError, match=r"refused \(.*Incorrect API key\): set DATABENTO"):
            asyncio.run(check_login("GLBX.MDP3", "x" * 32, 5.0, served.host, served.port))
        served.faults.refuses = True
        with pytest.raises(AuctionError, match="cannot be reached"):
            asyncio.run(check_login("GLBX.MDP3", KEY, 5.0, served.host, served.port))
    with pytest.raises(AuctionError, match="cannot be reached"):
        asyncio.run(check_login("GLBX.MDP3", KEY, 5.0, served.host, served.port))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(AuctionError, match=r"did not answer the login within 0\.2 s"):
            asyncio.run(check_login("GLBX.MDP3", KEY, 0.2, "127.0.0.1", port))


def test_real_files_reach_a_client_unchanged(real_data: Path) -> None:
    folder = real_data / "es_databento"
    names = (
        "futures_mbp-1_2024-07-01T23-58_2024-07-02T00-02.dbn.zst",
        "futures_trades_2024-07-01T23-58_2024-07-02T00-02.dbn.zst",
        "futures_ohlcv-1m_2024-07-01T23-40_2024-07-02T00-10.dbn.zst",
        "futures_definition.dbn.zst",
    )
    sources = [DbnSource(folder / name) for name in names]
    table = SymbolTable.from_files(source.file for source in sources)
    with gateway(sources, symbols=table, close_at_end=True, held=True) as served:
        client = Client(served)
        client.subscribe("definition", "ESU4", start=0)
        client.subscribe("mbp-1", "ES.c.0", stype_in="continuous")
        client.subscribe("trades", "ESU4")
        client.subscribe("ohlcv-1m", "ES.FUT,NQ.FUT", stype_in="parent")
        client.start()
        served.release()
        client.live.block_for_close(10)

    kinds = {dbn.MBP1Msg: 0, dbn.TradeMsg: 1, dbn.OHLCVMsg: 2}
    for kind, index in kinds.items():
        content = sources[index].file.path.read_bytes()
        sent = [bytes(record) for record in DBNStore.from_bytes(content)]
        got = [bytes(record) for record in client.of(kind)]
        assert sorted(got) == sorted(sent) if kind is dbn.OHLCVMsg else got == sent
    assert [record.raw_symbol for record in client.of(dbn.InstrumentDefMsg)] == ["ESU4"]


def _is_replayed(client: Client) -> bool:
    return any(str(record.code) == "replay_completed" for record in client.of(dbn.SystemMsg))


def test_every_schema_and_the_recorded_stream_can_be_played(real_data: Path) -> None:
    folder = real_data / "dbn_schemas"
    for path in sorted((folder / "GLBX.MDP3").iterdir()):
        source = DbnSource(path)
        (schema,) = source.schemas
        table = SymbolTable.from_files([DbnFile(path)])
        count = len(joined(source, schema))
        # A market that begins later has all of the file as its history.
        with gateway([source], symbols=table, begin_ns=2**62, held=True) as served:
            client = Client(served).subscribe(schema, "ESH1", start=0).start()
            wait_for(partial(_is_replayed, client))
            client.stop()
        got = [r for r in client.received if type(r) not in (dbn.SystemMsg, dbn.SymbolMappingMsg)]
        assert len(got) == count > 0, schema
    live = folder / "LIVE" / "test_data.live.dbn.zst"
    with pytest.raises(UsageError, match="several schemas"):
        DbnSource(live)
    recorded = DbnSource(live, ("ohlcv-1m", "ohlcv-1s", "statistics", "trades"))
    assert [len(joined(recorded, name)) for name in recorded.schemas] == [2, 2, 9, 2]


@pytest.mark.parametrize(
    "greeting",
    [b"\xff\xfe\n", b"x" * 200_000, b"cram\n", b"", b"cram=1\n\xff\n"],
    ids=["no text", "no end", "no challenge", "nothing", "no answer"],
)
def test_what_is_no_gateway_is_refused_in_one_line(greeting):
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        writer.close()

    async def log_in() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            await check_login("GLBX.MDP3", KEY, 5.0, "127.0.0.1", port)

    with pytest.raises(AuctionError) as error:
        asyncio.run(log_in())
    assert "\n" not in str(error.value)
