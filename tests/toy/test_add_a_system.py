"""`docs/add_a_system.md` shows the files of the toy as they are, and its commands run."""

import re
import shutil
from importlib import import_module
from pathlib import Path
from textwrap import indent
from typing import Annotated
from typing import get_args
from typing import get_origin

import pytest
from typer.testing import CliRunner

from actors.messages import schema
from cli.main import app
from strategies.common import views
from strategies.common.views import Element
from strategies.common.views import Section
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


def rows_after(heading: str) -> list[list[str]]:
    """Return the names in the cells of the table that begins with a heading."""
    table = PAGE.partition(f"| {heading} |")[2].partition("\n\n")[0].splitlines()[2:]
    return [re.findall(r"`([^`]+)`", line) for line in some(table)]


def test_each_name_is_found_where_it_says() -> None:
    for row in rows_after("module | names"):
        modules = [name for name in row if name == "errors" or "." in name]
        names = {name for name in row if name not in modules}
        found = {name for module in some(modules) for name in vars(import_module(module))}
        assert set(some(names)) <= found


def test_each_type_of_a_column_is_listed() -> None:
    types = {name for name, kind in vars(schema).items() if get_origin(kind) is Annotated}
    listed = [name for row in rows_after("type | Python value | what it holds") for name in row]
    assert types <= set(listed)


def test_each_view_is_listed() -> None:
    listed = {name for row in rows_after("where | views") for name in row}
    drawn = {cls.__name__ for cls in (*get_args(Element), *get_args(Section))}
    assert drawn <= listed
    assert {name for name in listed if name[0].isupper()} <= set(views.__all__)


def test_its_commands_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tests" / "toy").mkdir(parents=True)
    shutil.copy(TOY / "toy.yaml", tmp_path / "tests" / "toy")
    monkeypatch.chdir(tmp_path)
    for command in some(COMMAND.findall(PAGE)):
        done = CliRunner().invoke(app, command.split(), catch_exceptions=False)
        assert done.exit_code == 0, f"{command}: {done.output}"
    runs = [path.name.rpartition("-toy-") for path in (tmp_path / "runs").iterdir()]
    assert len(runs) == 2
