"""Random CSV files, whole and broken, held against a parser of their own."""

import csv
import gzip
import re
import zlib
from collections import Counter
from datetime import UTC
from datetime import datetime
from decimal import Decimal
from decimal import InvalidOperation
from pathlib import Path
from random import Random

import zstandard

from adapters.files.ingest import ingest_csv
from errors import AuctionError
from tests.fuzz.content import Row
from tests.fuzz.content import attempt
from tests.fuzz.content import stored


T0 = 1_723_075_200  # 2024-08-08 00:00 UTC
# Instrument, tick, lot and a price; all are listed at T0.
MARKETS = (
    ("BTCUSDT-LINEAR.BYBIT", Decimal("0.1"), Decimal("0.001"), 60_000),
    ("NQU4.XCME", Decimal("0.25"), Decimal(1), 18_000),
    ("CLX4.XNYM", Decimal("0.01"), Decimal(1), 75),
)
NAMES = {
    "ts": ("ts", "timestamp", "Time", "date_time", "trade_time"),
    "price": ("price", "Px", "last", "trade-price"),
    "size": ("size", "qty", "amount", "Volume"),
    "side": ("side", "taker_side", "Aggressor"),
    "id": ("id", "trade_id", "trdMatchID"),
    "seq": ("seq", "sequence"),
    "symbol": ("symbol",),
    "bid": ("bid", "bid_price", "best_bid", "bid1Price"),
    "bid_size": ("bid_size", "bid_qty", "bid1Size"),
    "ask": ("ask", "ask_price", "offer"),
    "ask_size": ("ask_size", "askQty", "ask1Size"),
    "open": ("open", "o"),
    "high": ("high", "h"),
    "low": ("low", "l"),
    "close": ("close", "c"),
    "volume": ("volume", "vol"),
    "note": ("note", "exchange", "tickDirection"),
}
KINDS = {
    "trades": ("trade_tick", ("ts", "price", "size"), ("side", "id", "seq", "symbol", "note")),
    "quotes": ("quote_tick", ("ts", "bid", "bid_size", "ask", "ask_size"), ("seq", "note")),
    "bars": ("bar", ("ts", "open", "high", "low", "close"), ("volume", "note")),
}
WORDS = {"buy": 1, "sell": 2, "": 0, "Buy": 1, "S": 2, "n": 0, "b": 1, "A": 2}
SIDES = {**WORDS, "1": 1, "+1": 1, "2": 2, "-1": 2, "0": 0}
HOSTILE = (
    *("", " ", "0", "-0", "-1", "-0.001", "nan", "NaN", "inf", "-inf", "1e308", "1e-308", "1e400"),
    *("0.00000001", "60000.05", "60000.2000001", "0.0005", "0.0010000000000001", "1_000", "1,5"),
    *("0x10", "１２", "abc", "null", "None", "true", "+1", "1.", ".5", "1e3", "--1", "1 2", "\x00"),
    *("9" * 20, "9" * 400, "0." + "0" * 300 + "1", "x" * 5_000, "é" * 40, "\u202e1", "\ufeff1"),
    *("1723075200", "1723075200000", "1723075200.5", "99999999999999999999", "-1723075200"),
    *("2024-08-08", "2024-08-08T00:00:01Z", "08/08/2024", "2024-13-45", "1969-12-31T23:59:59Z"),
    *("9999-12-31", "2262-04-11T23:47:16.854775808Z", "100", "buy", "at ask", '"', '""', '"a', "'"),
)
LINE_ENDS = ("\n", "\n", "\n", "\r\n", "\r")
NUMBER = re.compile(r"\d+(\.\d+)?")
ID, SEQ = re.compile(r"[!-~]{1,36}"), re.compile(r"\d{1,15}")
MOST_UNITS = 10**11
NS = 10**9


def run(rng: Random, folder: Path) -> str:
    """Make one file, ingest it and compare; return what became of it."""
    kind = rng.choice(("trades", "trades", "quotes", "bars"))
    market = rng.choice(MARKETS)
    columns, text = _text(rng, kind, market)
    data = _broken(rng, text.encode("utf-8", "surrogatepass"))
    path = folder / rng.choice(("in.csv", "in.csv.gz", "in.csv.zst", "in.txt"))
    path.write_bytes(data)
    catalog = folder / "catalog"
    files = {"trades": [], "quotes": [], "bars": [], kind: [path]}
    report = attempt(
        catalog,
        lambda: ingest_csv(
            catalog,
            market[0],
            **files,
            bar_step="1m" if kind == "bars" else None,
            finer_steps=rng.random() < 0.1,
        ),
    )
    expected = _Expected(kind, market, columns, data)
    if isinstance(report, AuctionError):
        assert not expected.must_be_taken(), f"a file without a fault is refused: {report}"
        return "refused"
    if expected.rows is not None:
        assert report.files[0].rows == expected.rows, f"{expected.rows} rows in the file: {report}"
    expected.compare(stored(catalog, KINDS[kind][0]), report.repeats)
    return "kept" if not report.files[0].rejected_rows else "kept in part"


def _text(rng: Random, kind: str, market: tuple) -> tuple[dict[str, str], str]:
    _, needed, optional = KINDS[kind]
    ours = [*needed, *(name for name in optional if rng.random() < 0.5)]
    rng.shuffle(ours)
    columns = {name: rng.choice(NAMES[name]) for name in ours}
    unit = rng.choice(("s", "ms", "us", "ns", "iso"))
    count = rng.choice((1, 2, 5, 30, 60))
    rows = [[_cells(rng, kind, market, unit, at)[name] for name in ours] for at in range(count)]
    for _ in range(rng.choice((0, 0, 1, 2, 3))):
        _break_rows(rng, rows)
    header = list(columns.values())
    if rng.random() < 0.05:
        header[rng.randrange(len(header))] = rng.choice(("junk", "", "price", '"ts', "x" * 3_000))
    end = rng.choice(LINE_ENDS)
    lines = [",".join(header), *(",".join(row) for row in rows)]
    if rng.random() < 0.1:
        lines.insert(rng.randrange(1, len(lines) + 1), "")
    if rng.random() < 0.05:
        at = rng.randrange(len(lines))
        cut = rng.randrange(len(lines[at]) + 1)
        lines[at] = lines[at][:cut] + '"' + lines[at][cut:]
    text = end.join(lines) + (end if rng.random() < 0.9 else "")
    return columns, text


def _cells(rng: Random, kind: str, market: tuple, unit: str, at: int) -> dict[str, str]:
    instrument, tick, lot, price = market
    step = 60 if kind == "bars" else 1
    seconds = T0 + at * step - (rng.randrange(5) if rng.random() < 0.1 and kind != "bars" else 0)
    base = int(Decimal(price) / tick) + rng.randrange(-50, 50)
    low, high = sorted(base + rng.randrange(-5, 6) for _ in range(2))
    values = {
        "price": base,
        "bid": base,
        "ask": base + rng.randrange(3),
        "open": rng.randint(low, high),
        "close": rng.randint(low, high),
        "high": high,
        "low": low,
    }
    sizes = ("size", "bid_size", "ask_size", "volume")
    return {
        **{name: f"{ticks * tick:f}" for name, ticks in values.items()},
        **{name: f"{rng.randrange(1, 5_000) * lot:f}" for name in sizes},
        "ts": _time(unit, seconds, 0 if kind == "bars" else rng.randrange(1000)),
        "side": rng.choice(list(WORDS)),
        "id": f"id-{at}-{rng.randrange(10)}",
        "seq": str(at),
        "symbol": instrument.partition(".")[0],
        "note": rng.choice(("", "x", "a b")),
    }


def _time(unit: str, seconds: int, ms: int) -> str:
    if unit == "iso":
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{ms:03}Z"
    if unit == "s":
        return f"{seconds}.{ms:03}"
    return str((seconds * 1000 + ms) * {"ms": 1, "us": 1000, "ns": 10**6}[unit])


def _break_rows(rng: Random, rows: list[list[str]]) -> None:
    count = rng.choice((1, 1, 2, max(1, len(rows) // 2), len(rows)))
    chosen = rng.sample(range(len(rows)), min(count, len(rows)))
    what = rng.choice(("cell", "cell", "column", "fewer", "more", "twice", "order", "empty"))
    token, column = rng.choice(HOSTILE), rng.randrange(len(rows[0]))
    if what == "order":
        rng.shuffle(rows)
        return
    for at in sorted(chosen, reverse=True):
        row = rows[at]
        if what == "cell" and row:
            row[rng.randrange(len(row))] = rng.choice(HOSTILE)
        elif what == "column" and column < len(row):
            row[column] = token
        elif what == "fewer" and row:
            row.pop(rng.randrange(len(row)))
        elif what == "more":
            row.insert(rng.randrange(len(row) + 1), token)
        elif what == "twice":
            rows.insert(at, list(row))
        elif what == "empty":
            row[:] = [""] * len(row)


def _broken(rng: Random, data: bytes) -> bytes:
    if rng.random() < 0.05:
        data = b"\xef\xbb\xbf" + data
    if rng.random() < 0.1:
        data = flipped(rng, data)
    packed = rng.random()
    if packed < 0.1:
        data = gzip.compress(data, 1)
    elif packed < 0.2:
        data = zstandard.compress(data, 1)
    if rng.random() < 0.05:
        data = flipped(rng, data)
    if rng.random() < 0.05:
        data = data[: rng.randrange(len(data) + 1)]
    return data


def flipped(rng: Random, data: bytes) -> bytes:
    """Return data with one to three bytes changed, left out or put in."""
    found = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 3))):
        if not found:
            break
        at = rng.randrange(len(found))
        what = rng.randrange(4)
        if what == 0:
            found[at] = rng.randrange(256)
        elif what == 1:
            found[at] ^= 1 << rng.randrange(8)
        elif what == 2:
            del found[at]
        else:
            found.insert(at, rng.choice(b'\x00\xff",\n\r;\t0'))
    return bytes(found)


class _Expected:
    """
    Reads a file line by line with the csv module and Decimal.

    A row is clean where nobody could read it otherwise: it must be in the catalog if its file is.
    A row is possible where a lenient reader may take it: nothing else may be in the catalog.
    """

    def __init__(self, kind: str, market: tuple, columns: dict[str, str], data: bytes) -> None:
        self.rows: int | None = None
        self._kind, self._market = kind, market
        self._clean: Counter[Row] = Counter()
        self._possible: Counter[Row] = Counter()
        self._unclean = 0
        self._units: set[int] = set()
        text = _decoded(data)
        if text is None:
            return
        lines = re.split("\r\n|\n|\r", text)
        header = next(csv.reader([lines[0]]), []) if "\x00" not in lines[0] else []
        is_quoted = '"' in lines[0]
        if is_quoted or header != list(columns.values()) or len(set(header)) < len(header):
            return
        self._ours = list(columns)
        self.rows = sum(map(self._add, lines[1:]))

    def must_be_taken(self) -> bool:
        """Return whether a refusal would be wrong."""
        is_clean = bool(self.rows) and not self._unclean and len(self._units) == 1
        return is_clean and self._kind != "bars"

    def compare(self, found: list[Row], repeats: int) -> None:
        """Check the rows of the catalog against those of the file."""
        if self.rows is None:
            return
        has_id = "id" in self._ours
        keys: Counter[Row] = Counter()
        for row in found:
            if self._kind == "trades" and not has_id:
                row = row[:-1]
            elif self._kind == "trades" and (*row[:-1], "") in self._possible:
                # A trade without an id gets a number.
                row = (*row[:-1], "")
            keys[row] += 1
        invented = keys - self._possible
        assert not invented, f"not in the file: {invented}"
        lost = self._clean - keys
        if repeats:
            lost = Counter({key: 1 for key in self._clean if key not in keys})
        assert not lost, f"lost: {lost}"

    def _add(self, line: str) -> int:
        if line == "":
            return 0
        fields = next(csv.reader([line.replace("\x00", "\ufffd")]), [])
        if len(fields) != len(self._ours):
            self._unclean += 1
            return 1
        cells = dict(zip(self._ours, fields, strict=True))
        if not any(text for name, text in cells.items() if name != "note"):
            return 0
        is_clean = line.isascii() and line.isprintable() and '"' not in line
        for at_ns in _times(cells["ts"]):
            row = self._row(cells, at_ns, is_clean=False)
            if row is not None:
                self._possible[row] += 1
        row = None
        if is_clean and (times := _times(cells["ts"], is_clean=True)):
            row = self._row(cells, times[0], is_clean=True)
        if row is None:
            self._unclean += 1
        else:
            self._clean[row] += 1
            self._units.add(_places(cells["ts"]))
        return 1

    def _row(self, cells: dict[str, str], at_ns: int, *, is_clean: bool) -> Row | None:
        _, tick, lot, _ = self._market
        if is_clean and not SEQ.fullmatch(cells.get("seq", "1")):
            return None
        numbers: list[Decimal] = []
        for name in KINDS[self._kind][1][1:] + (("volume",) if self._kind == "bars" else ()):
            step = lot if "size" in name or name == "volume" else tick
            value = _number(cells.get(name, "0"), step, is_clean=is_clean)
            may_be_zero = step == tick and "CL" in self._market[0]
            if value is None or (value <= 0 and name != "volume" and not may_be_zero):
                return None
            if is_clean and value / step > MOST_UNITS:
                return None
            numbers.append(value)
        row: Row = (at_ns + (60 * NS if self._kind == "bars" else 0), *numbers)
        if self._kind != "trades":
            if self._kind == "quotes":
                return None if is_clean and numbers[0] > numbers[2] else row
            opens, high, low, close = numbers[:4]
            return row if low <= min(opens, close) and high >= max(opens, close) else None
        word = cells.get("side", "")
        if is_clean and (word not in SIDES or numbers[-1] <= 0):
            return None
        if is_clean and not (cells.get("seq", "1").isdecimal() and cells.get("id", "x").strip()):
            return None
        if is_clean and (len(cells.get("id", "")) > 36 or len(cells.get("seq", "")) > 15):
            return None
        if is_clean and cells.get("symbol", symbol := self._market[0].partition(".")[0]) != symbol:
            return None
        side = SIDES.get(word, SIDES.get(word.strip().lower(), 0))
        return (*row, side, *((cells["id"],) if "id" in cells else ()))


def _decoded(data: bytes) -> str | None:
    try:
        if data.startswith(b"\x1f\x8b"):
            data = gzip.decompress(data)
        elif data.startswith(b"\x28\xb5\x2f\xfd"):
            data = zstandard.ZstdDecompressor().decompress(data, 1 << 24)
        return data.decode("utf-8-sig")
    except (OSError, EOFError, ValueError, zlib.error, zstandard.ZstdError):
        return None


def _times(text: str, *, is_clean: bool = False) -> list[int]:
    if NUMBER.fullmatch(text if is_clean else text.strip()):
        value = Decimal(text.strip())
        # Only the unit of the file may be taken; one of these it is.
        places = (
            [9] if value < 10**11 else [6] if value < 10**14 else [3] if value < 10**17 else [0]
        )
        found = [int(value.scaleb(place)) for place in places]
    else:
        try:
            moment = datetime.fromisoformat(text if is_clean else text.strip())
        except ValueError:
            return []
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        found = [int(aware.timestamp()) * NS + aware.microsecond * 1000]
    if is_clean:
        first, last = T0 - 40 * 86_400, T0 + 30 * 86_400
        found = [ns for ns in found if first * NS <= ns <= last * NS]
    return found


def _places(text: str) -> int:
    """Return the decimals from the unit of a time to nanoseconds; -1 for text."""
    if not NUMBER.fullmatch(text.strip()):
        return -1
    limits = ((9, 10**11), (6, 10**14), (3, 10**17))
    return next((place for place, limit in limits if Decimal(text.strip()) < limit), 0)


def _number(text: str, step: Decimal, *, is_clean: bool) -> Decimal | None:
    if is_clean and not (NUMBER.fullmatch(text) and len(text) < 18):
        return None
    try:
        value = Decimal(text.strip())
        if not value.is_finite() or value.adjusted() > 15:
            return None
        # Those who take finer steps are told so; what is off all of them is no value.
        ratio = value / (step if is_clean else step / 1000)
        near = ratio.to_integral_value()
    except (InvalidOperation, ArithmeticError):
        return None
    allowed = 0 if is_clean else abs(ratio) * Decimal("1e-11")
    if abs(ratio - near) > allowed:
        return None
    return near * step if is_clean else near * step / 1000
