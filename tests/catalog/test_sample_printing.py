"""What the command line shows of the sample market."""

import io

from rich.console import Console

from catalog.sample import STATED_MARKETS
from catalog.sample import write_sample
from catalog.sample.printing import print_sample


def test_the_printed_sample_says_synthetic_and_what_it_is_modelled_on(tmp_path):
    shown = io.StringIO()
    print_sample(
        write_sample(tmp_path, days=1, instruments=["AAPL"]), Console(file=shown, width=200)
    )
    text = shown.getvalue()

    assert "never traded" in text
    assert "AAPL.XNAS" in text
    assert "Hours: 09:30 to 16:00 New York" in text
    assert STATED_MARKETS["AAPL.XNAS"].source in text
    assert text.count(", written") == 1
    again = io.StringIO()
    print_sample(
        write_sample(tmp_path, days=1, instruments=["AAPL"]), Console(file=again, width=200)
    )
    assert again.getvalue().count("left as it was") == 1
