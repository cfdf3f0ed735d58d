"""The commands of docs/recording.md are accepted as they stand."""

import shlex

import pytest
import typer

from cli.main import app
from configs.recorder import load_recorder
from tests.checks import some
from tests.engines import REPOSITORY


def commands():
    """Return the arguments of each `auction` command in the page."""
    text = (REPOSITORY / "docs" / "recording.md").read_text()
    blocks = text.split("```")[1::2]
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("auction")]
    return [shlex.split(line, comments=True)[1:] for line in some(lines)]


@pytest.mark.parametrize("arguments", commands(), ids=" ".join)
def test_a_documented_command_has_valid_arguments(arguments):
    command = typer.main.get_command(app)
    context = None
    name, *rest = arguments
    while hasattr(command, "commands"):
        command = command.commands[name]
        if hasattr(command, "commands"):
            name, *rest = rest
    context = command.make_context(name, list(rest), resilient_parsing=False)
    if name == "record":
        config = load_recorder(context.params["recorder"], context.params["set_"] or [])
        assert config.live.instrument_ids == ("BTCUSDT-LINEAR.BYBIT",)
    else:
        assert name in {"check", "certify"}
