"""The page about reliability lists the outcomes that the matrix asserts."""

from tests.engines import REPOSITORY
from tests.faults.faults import FAULTS
from tests.faults.outcomes import STATES as STATES_OF_TABLE
from tests.faults.outcomes import TABLE
from tests.faults.states import STATES


def test_the_page_has_the_table_of_the_matrix() -> None:
    lines = (REPOSITORY / "docs" / "reliability.md").read_text().splitlines()
    header = "| fault | " + " | ".join(STATES_OF_TABLE) + " |"
    first = lines.index(header) + 2
    rows = [f"| {fault} | {' | '.join(row)} |" for fault, row in TABLE.items()]
    assert lines[first : first + len(rows)] == rows


def test_there_is_an_outcome_for_every_fault_in_every_state() -> None:
    assert list(TABLE) == list(FAULTS)
    assert list(STATES_OF_TABLE) == list(STATES)
