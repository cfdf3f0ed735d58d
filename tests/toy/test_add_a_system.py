"""`docs/add_a_system.md` shows the files of the toy as they are, and its commands run."""

import re
import shutil
from pathlib import Path
from textwrap import indent

import pytest
from typer.testing import CliRunner

from cli.main import app
from tests.checks import some
from tests.engines import REPOSITORY


PAGE = (REPOSITORY / "docs" / "add_a_system.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(?:python|yaml) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ auction (.+)$", re.MULTILINE)
TOY = REPOSITORY / "tests" / "toy"


def spaced(text: str) -> str:
    """Return a text with one blank line at most: methods that are shown alone have two."""
    return re.sub(r"\n{3,}", "\n\n", text)


def test_each_block_stands_in_the_file_that_it_names() -> None:
    for name, text in some(BLOCK.findall(PAGE)):
        file = spaced((REPOSITORY / name).read_text(encoding="utf-8"))
        text = spaced(text)
        assert text in file or indent(text, " " * 4) in file, f"{name}: {text[:60]}"
    assert len(BLOCK.findall(PAGE)) == len(re.findall(r"^```(?:python|yaml)", PAGE, re.MULTILINE))


def test_each_file_of_the_system_is_shown() -> None:
    shown = {name for name, _ in BLOCK.findall(PAGE)}
    files = [path for path in some(TOY.glob("*")) if path.suffix in {".py", ".yaml"}]
    own = {path for path in files if not path.name.startswith(("test_", "__"))}
    assert {path.relative_to(REPOSITORY).as_posix() for path in own} <= shown


def test_each_file_that_it_names_is_there() -> None:
    named = re.findall(r"`((?:strategies|indicators|tests|configs|actors)/[\w/.]*)`", PAGE)
    for name in some(named):
        assert "channel" in name or (REPOSITORY / name).exists(), name


def test_its_commands_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tests" / "toy").mkdir(parents=True)
    shutil.copy(TOY / "toy.yaml", tmp_path / "tests" / "toy")
    monkeypatch.chdir(tmp_path)
    for command in some(COMMAND.findall(PAGE)):
        done = CliRunner().invoke(app, command.split(), catch_exceptions=False)
        assert done.exit_code == 0, f"{command}: {done.output}"
    runs = [path.name.rpartition("-toy-") for path in (tmp_path / "runs").iterdir()]
    assert len(runs) == 2
