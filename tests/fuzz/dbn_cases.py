"""Random DBN files, whole and broken, held against their records."""

import gzip
from collections import Counter
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

from adapters.databento.ingest import ingest_databento
from errors import AuctionError
from tests.adapters.dbn_files import IDS
from tests.adapters.dbn_files import UNDEF_PRICE
from tests.adapters.dbn_files import records
from tests.adapters.dbn_files import write_dbn
from tests.adapters.dbn_files import write_definitions
from tests.fuzz.content import Row
from tests.fuzz.content import attempt
from tests.fuzz.content import stored
from tests.fuzz.csv_cases import flipped


T0 = 1_764_338_400 * 10**9  # 2025-11-28 14:00 UTC
DAY = 86_400 * 10**9
SCHEMAS = ("trades", "trades", "tbbo", "mbp-1", "mbp-10", "bbo-1s", "ohlcv-1m", "mbo")
TICK = 250_000_000
SIDES = {b"A": 2, b"B": 1}
EDGES = (0, 1, -1, 2**31 - 1, 2**32 - 1, 2**62, 2**63 - 1, 2**64 - 1, UNDEF_PRICE, 10**9, TICK // 2)


def run(rng: Random, folder: Path) -> str:
    """Make one file, ingest it and compare; return what became of it."""
    if rng.random() < 0.05:
        return _definitions(rng, folder)
    schema = rng.choice(SCHEMAS)
    data = _records(rng, schema)
    ids = {**IDS} if rng.random() < 0.95 else {"NQZ5": IDS["NQZ5"]}
    for _ in range(rng.choice((0, 0, 1, 2))):
        _set_edges(rng, data)
    ts_out = rng.random() < 0.1
    path = write_dbn(
        folder / f"source.{schema}.dbn",
        schema,
        data,
        names=ids,
        by_id=rng.random() < 0.1,
        ts_out=ts_out,
    )
    content = path.read_bytes()
    is_broken = rng.random() < 0.4
    if is_broken:
        content = _broken(rng, content)
    packed = rng.random()
    if packed < 0.3:
        content = zstandard.compress(content, 1)
    elif packed < 0.4:
        content = gzip.compress(content, 1)
    if rng.random() < 0.05:
        is_broken, content = True, flipped(rng, content)[: rng.randrange(len(content) + 1)]
    path = folder / rng.choice((f"in.{schema}.dbn", f"in.{schema}.dbn.zst", "in.dat"))
    path.write_bytes(content)
    catalog = folder / "catalog"
    report = attempt(catalog, lambda: ingest_databento(catalog, [path], ["NQZ5"]))
    if isinstance(report, AuctionError):
        is_whole = not is_broken and _is_whole(data, schema, ids)
        assert not is_whole, f"a file without a fault is refused: {report}"
        return "refused"
    if is_broken:
        return "broken, and kept"
    for kind, expected in _expected(data, schema).items():
        found = Counter(stored(catalog, kind))
        assert found == expected, f"{kind}: {found - expected} is not in, {expected - found} lost"
    return "kept" if not any(file.rejected_rows for file in report.files) else "kept in part"


def _records(rng: Random, schema: str) -> NDArray[Any]:
    rows = []
    for at in range(rng.choice((1, 2, 10, 40))):
        price = 25_400 + rng.randrange(-40, 40) * 0.25
        rows.append(
            {
                "ts_event": T0 + at * (60 * 10**9 if schema.startswith("ohlcv") else 10**6),
                "symbol": rng.choice(("NQZ5", "NQZ5", "NQZ5", "NQH6", "NQZ5-NQH6")),
                "price": price,
                "size": rng.randrange(1, 50),
                "side": rng.choice((b"A", b"B", b"N")),
                "action": rng.choice((b"T", b"T", b"A", b"C")),
                "sequence": at,
                "order_id": rng.randrange(1, 9),
                "open": price,
                "high": price + 1,
                "low": price - 1,
                "close": price,
                "volume": rng.randrange(100),
            }
        )
    data = records(schema, rows)
    if "levels" in (data.dtype.names or ()) or "bid_px_00" in (data.dtype.names or ()):
        for record in data:
            bid = 25_400_000_000_000 + rng.randrange(-40, 40) * TICK
            values = {"bid_px_00": bid, "ask_px_00": bid + TICK, "bid_sz_00": 3, "ask_sz_00": 4}
            for name, value in values.items():
                record[name] = value
    return data


def _set_edges(rng: Random, data: NDArray[Any]) -> None:
    names = [name for name in data.dtype.names or () if name not in ("length", "rtype")]
    name = rng.choice(names)
    for at in rng.sample(range(len(data)), rng.choice((1, 1, len(data)))):
        kind = data.dtype[name]
        value = rng.choice(EDGES) if rng.random() < 0.7 else rng.randrange(2**63)
        if kind.kind == "S":
            data[name][at] = bytes([rng.randrange(256)])
        elif kind.kind in "iu":
            bounds = np.iinfo(kind)
            data[name][at] = min(max(value, int(bounds.min)), int(bounds.max))


def _broken(rng: Random, content: bytes) -> bytes:
    what = rng.randrange(4)
    if what == 0:
        return content[: rng.randrange(len(content))]
    if what == 1:
        # Within the metadata, where lengths, versions and symbols stand.
        head = min(len(content), rng.choice((8, 100, 600)))
        return flipped(rng, content[:head]) + content[head:]
    if what == 2:
        return content + bytes(rng.randrange(256) for _ in range(rng.randrange(1, 200)))
    return flipped(rng, content)


def _is_whole(data: NDArray[Any], schema: str, ids: dict[str, int]) -> bool:
    own = data[data["instrument_id"] == IDS["NQZ5"]]
    if (
        schema == "mbo"
        or len(own) == 0
        or not np.isin(data["instrument_id"], [*ids.values()]).all()
    ):
        return False
    index = "ts_recv" if "ts_recv" in (data.dtype.names or ()) else "ts_event"
    first_day = int(data["ts_event"][0]) // DAY * DAY
    in_span = (data[index] >= first_day) & (data[index] < first_day + 400 * DAY)
    rejected = _rejected(own, schema)
    return bool(in_span.all()) and rejected == 0 and any(_expected(data, schema).values())


def _rejected(own: NDArray[Any], schema: str) -> int:
    return sum(None in rows for record in own for rows in [_rows(record, schema).values()])


def _expected(data: NDArray[Any], schema: str) -> dict[str, Counter[Row]]:
    found: dict[str, Counter[Row]] = {}
    if schema == "mbo":
        # The best of a book built by the random orders is no matter of a few lines.
        return found
    for record in data[data["instrument_id"] == IDS["NQZ5"]]:
        for kind, row in _rows(record, schema).items():
            if row is not None:
                found.setdefault(kind, Counter())[row] += 1
    if schema.startswith("ohlcv"):
        found = {kind: Counter(dict.fromkeys(rows, 1)) for kind, rows in found.items()}
    return found


def _rows(record: Any, schema: str) -> dict[str, Row | None]:
    """Return the rows that a record stands for; None for one that must be rejected."""
    rows: dict[str, Row | None] = {}
    if schema.startswith("ohlcv"):
        prices = [_price(record[name]) for name in ("open", "high", "low", "close")]
        at = _time(record["ts_event"])
        row: Row | None = None
        volume = int(record["volume"])
        if at is not None and None not in prices and 0 <= volume <= 10**11:
            opens, high, low, close = (price or Decimal(0) for price in prices)
            if low <= min(opens, close) and high >= max(opens, close):
                row = (at + 60 * 10**9, opens, high, low, close, Decimal(volume))
        return {"bar": row}
    if schema != "bbo-1s" and bytes(record["action"]) == b"T":
        at, price, size = _time(record["ts_event"]), _price(record["price"]), int(record["size"])
        is_good = at is not None and price is not None and size > 0
        side = SIDES.get(bytes(record["side"]), 0)
        row = (at, price, Decimal(size), side, str(int(record["sequence"])))
        rows["trade_tick"] = row if is_good else None
    if schema != "trades":
        at = _time(record["ts_recv" if schema == "bbo-1s" else "ts_event"])
        bid, ask = _price(record["bid_px_00"]), _price(record["ask_px_00"])
        sizes = [int(record[name]) for name in ("bid_sz_00", "ask_sz_00")]
        is_good = at is not None and bid is not None and ask is not None and all(sizes)
        if is_good and bid is not None and ask is not None and bid - ask <= abs(ask) / 100:
            rows["quote_tick"] = (at, bid, Decimal(sizes[0]), ask, Decimal(sizes[1]))
        else:
            rows["quote_tick"] = None
    return rows


def _price(value: Any) -> Decimal | None:
    number = int(value)
    is_good = number > 0 and number != UNDEF_PRICE and number % TICK == 0
    return Decimal(number).scaleb(-9) if is_good else None


def _time(value: Any) -> int | None:
    number = int(value)
    # NQZ5 is listed long before, and its last day is the third Friday of December.
    return number if T0 - 60 * DAY <= number < 1_766_188_800 * 10**9 else None


def _definitions(rng: Random, folder: Path) -> str:
    path = write_definitions(
        folder / "in.definition.dbn", [("NQZ5.XCME", 158704, T0), ("ESZ5.XCME", 5, T0 + DAY)]
    )
    content = path.read_bytes()
    is_broken = rng.random() < 0.9
    path.write_bytes(_broken(rng, content) if is_broken else content)
    catalog = folder / "catalog"
    report = attempt(catalog, lambda: ingest_databento(catalog, [path]))
    is_refused = isinstance(report, AuctionError)
    assert is_broken or not is_refused, f"a file without a fault is refused: {report}"
    return "definitions refused" if is_refused else "definitions kept"
