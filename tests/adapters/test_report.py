import io
from collections import Counter
from pathlib import Path

from rich.console import Console

from adapters.report import FileReport
from adapters.report import IngestReport
from adapters.report import print_report
from catalog.batches import BUYER
from catalog.batches import NO_SIDE
from catalog.batches import SELLER


def test_report_shows_counts_reasons_and_rows() -> None:
    file = FileReport(Path("in/NQ [old].csv"), "trades", rows=1500, accepted=1498)
    file.reject("size not above zero", [7, 9], lambda at: f"[red]row {at}[/red]")
    file.warnings.append("a remark")
    report = IngestReport(("NQZ5.XCME",), (file,), ("another",), 0, 3, 1, 0.25)
    output = io.StringIO()

    print_report(report, Console(file=output, width=100))

    text = output.getvalue()
    assert "NQ [old].csv: 2 rejected, size not above zero" in text
    assert "row 7: [red]row 0[/red]" in text
    assert "Warning: a remark" in text
    assert "Warning: another" in text
    assert "1,498 rows kept, 3 catalog files written, 1 unchanged" in text


def test_report_says_how_a_file_was_read() -> None:
    file = FileReport(
        Path("in.csv"),
        "trades",
        columns={"ts": "time", "price": "price"},
        skipped_columns=("note", "x" * 500),
        time_unit="ms",
        sides=Counter({BUYER: 6, SELLER: 3, NO_SIDE: 1}),
    )
    read, skipped_columns, sides = file.reading()

    assert read == "in.csv: read ts from time, price; times in ms"
    assert skipped_columns.startswith("in.csv: skipped note, xxx")
    assert len(skipped_columns) == 300
    assert sides == "in.csv: sides of trades: buyer 60.0%, seller 30.0%, none 10.0%"
    file.sides = Counter({NO_SIDE: 4})
    assert file.reading()[2].endswith("none given, a run infers them from the quotes")
    assert FileReport(Path("in.csv"), "trades").reading() == []
