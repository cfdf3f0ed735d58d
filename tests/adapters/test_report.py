import io
from pathlib import Path

from rich.console import Console

from adapters.report import FileReport
from adapters.report import IngestReport
from adapters.report import print_report


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
