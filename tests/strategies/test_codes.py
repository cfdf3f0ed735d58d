"""Every code that a run writes down is explained, in one sentence that is true."""

import re
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import msgspec
import pytest
from nautilus_trader.common.config import resolve_path

import actors
import strategies
from actors.codes import Code
from actors.codes import meanings
from actors.impulse.levels import LevelReason
from actors.impulse.messages import DailyLevelsUpdate
from actors.value_area.messages import ValueAreaMinute
from backtests.results import run_folder as results
from backtests.results.codes import TITLES
from backtests.results.codes import code_groups
from backtests.results.codes import codes_of_run
from configs import FOLDER
from configs.descriptors import load_descriptor
from configs.plain_yaml import parse_yaml
from indicators.core.value_area import REASONS
from strategies.common.codes import SHARED
from strategies.common.codes import explained
from strategies.common.gate import Refusal
from strategies.impulse_lvn.reasons import LeaveReason
from strategies.value_area.reasons import AreaReason
from strategies.value_area.reasons import Reason
from strategies.value_area.reasons import Rejection
from tests.checks import some


SYSTEMS = sorted((FOLDER / "systems").glob("*.yaml"))
LONGEST = 110


def every_code_class() -> set[type[Code]]:
    """Return all classes of codes in what decides and acts, wherever they stand."""
    for package in (actors, strategies):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    return {kind for kind in Code.__subclasses__() if not kind.__module__.startswith("tests")}


def declared() -> set[type[Code]]:
    """Return the classes that the systems and what they share declare."""
    kinds = {kind for name in TITLES for kind in getattr(SHARED, name)}
    for path in some(SYSTEMS):
        codes = load_descriptor(parse_yaml(path.read_text()), path).codes
        kinds |= {kind for name in TITLES for kind in getattr(codes, name)}
    return kinds


def config_keys() -> set[str]:
    """Return the names of all parameters of actors, strategies and venues."""
    keys = {"starting_balances"}
    for path in some(SYSTEMS):
        document = parse_yaml(path.read_text())
        for entry in (*document["actors"], *document["strategies"]):
            keys |= names_of(resolve_path(entry["config_path"]))
    return keys


def names_of(struct: Any) -> set[str]:
    """Return the names of the parameters of a struct, and of those within it."""
    names = set()
    for field in msgspec.structs.fields(struct):
        names.add(field.name)
        if hasattr(field.type, "__struct_fields__"):
            names |= names_of(field.type)
    return names


def test_every_class_of_codes_is_declared_by_a_system_or_shared_by_all() -> None:
    assert every_code_class() == declared()
    assert len(declared()) > 8


def test_every_code_has_one_short_sentence_and_names_real_keys() -> None:
    keys = config_keys()
    for kind in some(every_code_class()):
        for code in kind:
            assert code == code.name
            assert re.fullmatch(r"[A-Z][^\n]*\.", code.meaning), code
            assert len(code.meaning) <= LONGEST, code
            named = set(re.findall(r"\b[a-z]+(?:_[a-z0-9]+)+\b(?!…)", code.meaning))
            assert named <= keys, code


def test_codes_come_from_declared_classes_alone() -> None:
    # Neither is written: a rejection becomes REJECTED_…, and leaving an exit.
    assert {f"REJECTED_{code}" for code in Rejection} <= set(Reason)
    assert {str(code) for code in LeaveReason} <= set(meanings(*SHARED.exits))
    unwritten = {Rejection, LeaveReason}
    for path in some(Path(strategies.__path__[0]).rglob("reasons.py")):
        name = path.relative_to(Path(strategies.__path__[0]).parent).with_suffix("")
        module = import_module(".".join(name.parts))
        for kind in some(vars(module).values()):
            if isinstance(kind, type) and issubclass(kind, StrEnum) and kind not in unwritten:
                plain = kind.__name__ in ("StrEnum", "Code", "Setup")
                assert plain or issubclass(kind, Code), kind


def test_reasons_of_the_features_are_those_of_the_core() -> None:
    assert [None, *map(str, AreaReason)] == list(REASONS)


def test_documented_columns_name_the_declared_codes() -> None:
    assert f"`{LevelReason.__name__}`" in (DailyLevelsUpdate.__doc__ or "")
    assert all(f"{code}" in (ValueAreaMinute.__doc__ or "") for code in AreaReason)
    assert "codes.py" in (results.__doc__ or "")
    readme = (FOLDER.parent / "README.md").read_text(encoding="utf-8")
    assert "`auction backtest --help`" in readme


def test_a_code_is_its_text_and_is_found_by_it() -> None:
    assert Refusal("COOLDOWN") is Refusal.COOLDOWN
    assert f"{Refusal.COOLDOWN}" == str(Refusal.COOLDOWN) == "COOLDOWN"
    assert msgspec.json.decode(msgspec.json.encode(Refusal.SIZE), type=Refusal) is Refusal.SIZE
    with pytest.raises(ValueError, match="is not a valid Refusal"):
        Refusal("SIZES")


def test_what_nobody_has_declared_is_not_explained() -> None:
    found = explained(SHARED.refusals, ["COOLDOWN", "MADE_UP"])
    assert found == {"COOLDOWN": Refusal.COOLDOWN.meaning}


def test_a_run_that_names_no_system_has_the_shared_codes() -> None:
    assert codes_of_run({"environment": "live"}) == SHARED


def test_groups_hold_every_code_once() -> None:
    groups = list(code_groups())
    shown = [(title, code) for title, codes in groups for code in codes]
    assert len(shown) == sum(len(kind) for kind in declared())
    assert next(title for title, _ in groups) == "Refused candidates, all systems"
    assert "Refused candidates, nq_impulse_lvn" in dict(groups)
