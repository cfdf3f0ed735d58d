"""Which names of NautilusTrader a tree uses, and which of its tests need none of it."""

from tests.probe.__main__ import described
from tests.probe.__main__ import others_in
from tests.probe.names import pure_tests
from tests.probe.names import used_names


FILES = {
    "actors/__init__.py": "",
    "actors/shell.py": "from nautilus_trader.common.actor import Actor\n"
    "import nautilus_trader.core\n",
    "actors/pure.py": "import math\n",
    "actors/uses_shell.py": "from actors import shell\n",
    "configs/systems/a.yaml": "path: nautilus_trader.backtest.models:LatencyModel\n",
    "indicators/nautilus.pyx": "from nautilus_trader.model.data cimport TradeTick\n",
    "tests/test_pure.py": "from actors.pure import math\n",
    "tests/test_shell.py": "from actors.uses_shell import shell\n",
    "tests/test_text.py": "import importlib\nimportlib.import_module('actors.shell')\n",
    "tests/test_built.py": "import indicators.nautilus\n",
    "tests/deep/conftest.py": "import actors.shell\n",
    "tests/deep/test_math.py": "import math\n",
}


def tree(folder):
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_names_come_from_imports_paths_and_declarations(tmp_path):
    assert used_names(tree(tmp_path)) == {
        ("cimport nautilus_trader.model.data", "TradeTick"): ["indicators/nautilus.pyx"],
        ("nautilus_trader.backtest.models", "LatencyModel"): ["configs/systems/a.yaml"],
        ("nautilus_trader.common.actor", "Actor"): ["actors/shell.py"],
        ("nautilus_trader.core", ""): ["actors/shell.py"],
    }


def test_a_test_is_pure_where_nothing_below_it_imports_nautilus(tmp_path):
    root = tree(tmp_path)
    assert pure_tests(root) == [root / "tests" / "test_pure.py"]


def test_the_other_version_decides_its_own_dependencies():
    lock = (
        "# made by make lock\nnautilus-trader==1.231.0 \\\n    --hash=sha256:0\n"
        "numpy==2.4.0 \\\n    --hash=sha256:1\nrich==15.0 \\\n    --hash=sha256:2\n"
    )
    assert others_in(lock) == ["rich==15.0\n"]


def test_a_name_is_described_with_its_new_place_and_its_users():
    used = {("nautilus_trader.a", "Gone"): ["x.py"], ("nautilus_trader.b", "Moved"): ["y.py"]}
    missing = [
        {"module": "nautilus_trader.a", "name": "Gone", "now": []},
        {"module": "nautilus_trader.b", "name": "Moved", "now": ["nautilus_trader.c"]},
    ]
    assert described("2.0.0", used, missing).splitlines() == [
        "nautilus_trader.a.Gone: gone; used by x.py",
        "nautilus_trader.b.Moved: now in nautilus_trader.c; used by y.py",
        "nautilus_trader 2.0.0: of 2 names 1 gone, 1 moved",
    ]
