"""Random configurations: files with wrong, deep, shared and broken YAML, and settings."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import yaml

from configs.documents import FOLDER
from configs.live import load_live
from configs.loader import load_backtest
from configs.plain_yaml import parse_yaml
from errors import LONGEST_LINE
from errors import UsageError
from errors import shortened
from tests.fuzz.csv_cases import flipped


SYSTEMS = ("btc_value_area", "nq_impulse_lvn")
NODES = ("paper", "shadow", "live", "dry_run")
HOSTILE = (
    *(
        "",
        "~",
        "true",
        "no",
        "0",
        "-1",
        "1",
        "1.5",
        "1e5",
        ".inf",
        "-.inf",
        ".nan",
        "'nan'",
        "1e400",
    ),
    *(
        "1e400",
        "1e999999",
        "1e-999999",
        "9223372036854775808",
        "-9223372036854775809",
        "4294967296",
    ),
    *("9" * 60, "9" * 5_000, "0x" + "f" * 60, "1:2:3", "2020-01-01", "2020-13-45", "'2020-01-01'"),
    *(
        "[]",
        "{}",
        "[a]",
        "{a: b}",
        "[[[]]]",
        "{a: {b: {c: d}}}",
        "[1, 2]",
        "&a [*a]",
        "*a",
        "!!int ''",
    ),
    *(
        "&a [*a]",
        "*a",
        "!!int ''",
        "!!bool x",
        "!!binary aa",
        "!!set {a}",
        "!!python/name:os.system",
    ),
    *(
        "!!timestamp x",
        "!x y",
        "os:system",
        "nowhere:X",
        "configs.system_file:load_system",
        "'a:b:c'",
    ),
    *(
        "'" + "x" * 5_000 + "'",
        "é",
        "'\\0'",
        '"\\0"',
        '"\\n"',
        '"\\ud800"',
        "[" * 60,
        "- " * 200 + "a",
    ),
    *(
        "<<: *a",
        "{<<: 3}",
        "{1: 2}",
        "{a: 1, a: 2}",
        "{[a]: b}",
        "GCZ3.XCEC",
        "NQZ5.XCME",
        "X.BYBIT",
    ),
    *(
        "[QuoteTick, QuoteTick]",
        "[TradeTick]",
        "10000 USDT",
        "[10000 USDT]",
        "[1e99 USDT]",
        "NETTING",
    ),
)


def run(rng: Random, folder: Path) -> str:
    """Make one configuration and load it; return what became of it."""
    is_live = rng.random() < 0.4
    system = rng.choice(SYSTEMS)
    environment = rng.choice(NODES) if is_live else "backtest"
    names = {"systems": system, "environments": environment}
    if not is_live and rng.random() < 0.3:
        names["presets"] = rng.choice(("pessimistic", "optimistic"))
    settings = []
    if is_live and rng.random() < 0.7:
        settings.append("strategies.0.config.max_daily_loss=100")
    settings += [_setting(rng, names) for _ in range(rng.choice((0, 0, 1, 2)))]
    for kind in [*names]:
        if rng.random() < 0.6:
            path = folder / f"{kind}.yaml"
            text = (FOLDER / kind / f"{names[kind]}.yaml").read_text()
            path.write_bytes(_broken(rng, text))
            names[kind] = str(path)
    try:
        if is_live:
            document = load_live(names["systems"], names["environments"], settings).document
        else:
            preset = names.get("presets", "default")
            run_of = load_backtest(names["systems"], names["environments"], settings, preset)
            document = run_of.document
    except UsageError as error:
        refused = error
    else:
        refused = None
    if refused is not None:
        line = shortened(f"error: {refused}", LONGEST_LINE)
        assert refused.exit_code == 2
        assert len(line) <= LONGEST_LINE
        assert "\n" not in line
        return "refused"
    # What a run folder gets can be read again.
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
    assert parse_yaml(text) == document
    return "loaded"


def _setting(rng: Random, names: dict[str, str]) -> str:
    kind = rng.choice([name for name in names if name != "presets"])
    document = parse_yaml((FOLDER / kind / f"{names[kind]}.yaml").read_text())
    key = rng.choice([*_keys(document, "")])
    if rng.random() < 0.1:
        key += rng.choice((".", ".x", ".0", "..", "x", ".9999999999999999999"))
    equals = "" if rng.random() < 0.02 else "="
    return f"{key}{equals}{rng.choice(HOSTILE)}"


def _keys(value: Any, at: str) -> Iterator[str]:
    items: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        items = [*value.items()]
    elif isinstance(value, list):
        items = [*enumerate(value)]
    for key, item in items:
        path = f"{at}.{key}" if at else str(key)
        yield path
        yield from _keys(item, path)


def _broken(rng: Random, text: str) -> bytes:
    what = rng.randrange(5)
    if what == 0:
        return flipped(rng, text.encode())
    lines = text.splitlines()
    at = rng.randrange(len(lines))
    if what == 1:
        head, colon, _ = lines[at].partition(":")
        lines[at] = f"{head}: {rng.choice(HOSTILE)}" if colon else rng.choice(HOSTILE)
    elif what == 2:
        other = rng.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    elif what == 3:
        lines[at] = " " * rng.randrange(8) + lines[at].strip()
    else:
        document = parse_yaml(text)
        _change(rng, document)
        return yaml.safe_dump(document, sort_keys=False).encode()
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def _change(rng: Random, value: Any) -> None:
    while isinstance(value, dict | list) and value:
        key = rng.choice([*value]) if isinstance(value, dict) else rng.randrange(len(value))
        if rng.random() < 0.3 or not isinstance(value[key], dict | list):
            what = rng.randrange(4)
            if what == 0:
                del value[key]
            elif what == 1:
                value[key] = rng.choice((None, [], {}, 0, -1, "", 10**30, float("nan"), [{}], "a"))
            elif what == 2 and isinstance(value, dict):
                value[f"{key}x"] = value.pop(key)
            else:
                value[key] = [value[key]]
            return
        value = value[key]
