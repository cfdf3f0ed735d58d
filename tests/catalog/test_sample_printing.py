"""What the command line shows of the sample market."""

import io

from rich.console import Console

from catalog.sample import write_sample
from catalog.sample.printing import print_sample


def test_the_printed_sample_says_synthetic_and_lies_in_its_promised_ranges(tmp_path):
    shown = io.StringIO()
    print_sample(write_sample(tmp_path), Console(file=shown, width=200))
    text = shown.getvalue()

    assert "nobody traded it" in text
    assert "BTCUSDT-LINEAR.BYBIT" in text
    assert "NQH6.XCME" in text
    assert text.count(", written") == 2
    again = io.StringIO()
    print_sample(write_sample(tmp_path), Console(file=again, width=200))
    assert again.getvalue().count("left as it was") == 2
