import base64
import gc
import logging
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from pathlib import Path

import pytest

from adapters.databento.download import download_databento
from adapters.databento.ingest import ingest_databento
from errors import AuctionError
from errors import UsageError
from tests.adapters.dbn_files import records
from tests.adapters.dbn_files import write_dbn
from tests.adapters.loopback import Answer
from tests.adapters.loopback import Loopback
from tests.adapters.loopback import Request
from tests.adapters.loopback import serve


KEY = "db-" + "s3cret" * 5
START = datetime(2025, 11, 28, 14, tzinfo=UTC)
END = datetime(2025, 11, 28, 15, tzinfo=UTC)
T0 = int(START.timestamp()) * 10**9


class Service:
    """Databento's historical service with one hour of trades."""

    def __init__(self, loopback: Loopback, data: bytes) -> None:
        self.loopback = loopback
        self.data = data
        self.fail: dict[str, Answer] = {}

    def answer(self, request: Request) -> Answer:
        name = request.path.removeprefix("/v0/")
        answers: dict[str, Answer] = {
            "metadata.get_cost": (200, 12.345),
            "metadata.get_billable_size": (200, 48_000_000),
            "timeseries.get_range": (200, self.data),
        }
        return self.fail.get(name) or answers[name]


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("DATABENTO_API_KEY", KEY)
    rows = [{"ts_event": T0 + n, "price": 25400.25, "size": 1, "side": b"B"} for n in range(10)]
    data = write_dbn(tmp_path / "source.dbn.zst", "trades", records("trades", rows)).read_bytes()
    holder: list[Service] = []
    with serve(lambda request: holder[0].answer(request)) as loopback:
        holder.append(Service(loopback, data))
        yield holder[0]


def download(service: Service, out: Path, answer: bool = True, **changes: object) -> Path:
    asked: list[str] = changes.pop("asked", [])  # type: ignore[assignment]

    def confirm(question: str) -> bool:
        asked.append(question)
        return answer

    arguments = {
        "dataset": "GLBX.MDP3",
        "symbols": ["NQZ5"],
        "schema": "trades",
        "start": START,
        "end": END,
        "confirm": confirm,
        "gateway": service.loopback.url,
        **changes,
    }
    return download_databento(out, **arguments)  # type: ignore[arg-type]


def test_price_is_confirmed_before_the_data_is_requested(
    service: Service,
    tmp_path: Path,
    catalog_path: Path,
) -> None:
    asked: list[str] = []

    path = download(service, tmp_path / "out", asked=asked)

    assert asked == [
        "trades of NQZ5 from GLBX.MDP3, 2025-11-28 14:00 to 2025-11-28 15:00 UTC: "
        "about 48.0 MB, about 12.35 USD. Download?",
    ]
    assert service.loopback.paths() == [
        "/v0/metadata.get_cost",
        "/v0/metadata.get_billable_size",
        "/v0/timeseries.get_range",
    ]
    for request in service.loopback.requests:
        assert request.authorization == "Basic " + base64.b64encode(f"{KEY}:".encode()).decode()
        assert request.fields["symbols"] == "NQZ5"
        assert request.fields["schema"] == "trades"
        assert request.fields["start"].startswith("2025-11-28T14:00:00")
        assert request.fields["end"].startswith("2025-11-28T15:00:00")
    assert path.name == "glbx-mdp3-20251128T140000-20251128T150000.NQZ5.trades.dbn.zst"
    assert path.read_bytes() == service.data
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    assert ingest_databento(catalog_path, [path]).accepted == 10


def test_declined_price_requests_nothing(service: Service, tmp_path: Path) -> None:
    with pytest.raises(AuctionError, match="was declined: nothing was requested"):
        download(service, tmp_path / "out", answer=False)

    assert "/v0/timeseries.get_range" not in service.loopback.paths()
    assert not (tmp_path / "out").exists()


def test_file_of_an_earlier_download_is_not_paid_again(service: Service, tmp_path: Path) -> None:
    first = download(service, tmp_path / "out")
    requests = len(service.loopback.requests)

    assert download(service, tmp_path / "out", answer=False) == first
    assert len(service.loopback.requests) == requests


@pytest.mark.parametrize("value", [None, "", "  "])
def test_missing_key_names_the_variable(
    value: str | None,
    service: Service,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if value is None:
        monkeypatch.delenv("DATABENTO_API_KEY")
    else:
        monkeypatch.setenv("DATABENTO_API_KEY", value)

    with pytest.raises(UsageError, match="DATABENTO_API_KEY is not set"):
        download(service, tmp_path)

    assert service.loopback.requests == []


# The client leaves a file that it cannot read to the garbage collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize(
    ("name", "answer", "message"),
    [
        ("metadata.get_cost", (401, {"detail": "Authentication failed"}), "HTTP status 401"),
        ("metadata.get_billable_size", (500, b"oops"), "HTTP status 500"),
        ("timeseries.get_range", (422, {"detail": "symbol not found"}), "symbol not found"),
        ("timeseries.get_range", (200, b"no such thing as DBN"), "Databento, trades of NQZ5"),
        ("timeseries.get_range", (200, b""), "Databento, trades of NQZ5"),
    ],
)
def test_failed_request_leaves_no_file_and_shows_no_key(
    name: str,
    answer: Answer,
    message: str,
    service: Service,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    service.fail[name] = answer
    out = tmp_path / "out"

    with pytest.raises(AuctionError, match=message) as error:
        download(service, out)

    assert "\n" not in str(error.value)
    assert KEY not in str(error.value) + caplog.text
    assert not out.exists() or list(out.iterdir()) == []
    del error
    gc.collect()


def test_dead_gateway_is_one_line(service: Service, tmp_path: Path) -> None:
    with pytest.raises(AuctionError, match="ConnectionError") as error:
        download(service, tmp_path, gateway="http://127.0.0.1:9")

    assert "\n" not in str(error.value)


def test_wrong_arguments_are_refused(service: Service, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no symbol given"):
        download(service, tmp_path, symbols=[])
    with pytest.raises(UsageError, match="is empty: set start before end"):
        download(service, tmp_path, end=START)


def test_many_symbols_give_a_short_file_name(service: Service, tmp_path: Path) -> None:
    symbols = [f"NQ{code}{year}" for code in "HMUZ" for year in range(10)]

    path = download(service, tmp_path, symbols=symbols)

    assert "NQH0_and_39_more_" in path.name
    assert len(path.name) < 120
