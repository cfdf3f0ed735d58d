"""A node has no bars: it refuses a system that needs them."""

from pathlib import Path

import pytest

from configs.live import load_live
from errors import UsageError


SYSTEM = Path(__file__).parent / "bars.yaml"


@pytest.mark.parametrize("environment", ["paper", "shadow", "dry_run"])
def test_a_node_refuses_a_system_of_bars_in_one_line(environment):
    with pytest.raises(UsageError) as caught:
        load_live(str(SYSTEM), environment)
    text = str(caught.value)
    assert "Closes needs Bar data, and a node serves quotes and trades alone" in text
    assert "as a backtest only" in text
    assert len(text) < 300
    assert "\n" not in text
