"""The rules of the house: who may import whom, what starts fast, what things are called."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "recommender"

# Top to bottom. A module imports from floors below its own, or from its own package, and from nowhere else.
FLOORS = (
    ("__main__",),
    ("cli",),
    ("web",),
    ("policy_value",),
    ("judging",),
    ("learning",),
    ("batch", "teds", "simulation", "store"),
    ("table_file",),
    ("registry",),
    ("report",),
    ("evaluation",),
    ("recommendation", "interview", "assurance", "impact", "edits"),
    ("schema", "anatomy"),
    ("plan", "cases", "change", "open_questions", "likely", "second_opinion", "lint"),
    ("trial", "matters"),
    ("explain",),
    ("assessment",),
    ("policy_file", "intake", "certificate"),
    ("policy_shape",),
    ("policy",),
    ("contradictions",),
    ("glass_box",),
    ("answers", "translation"),
    ("questionnaire_file",),
    ("questionnaire", "levels", "cohort_columns"),
    ("question_shape",),
    ("rules", "content_file"),
    ("shape",),
    ("errors",),
    ("__init__",),
)
FLOOR_OF = {module: number for number, floor in enumerate(FLOORS) for module in floor}

VAGUE_WORDS = {"util", "utils", "helper", "helpers", "common", "manager", "managers"}
SLOW_TO_IMPORT = ("numpy", "pandas", "pyarrow", "sklearn")

# Runs the command as the console script does, then says on the last line of stdout what got imported on the way.
PROBE = """
import atexit, sys
slow = sys.argv.pop(1).split(",")
atexit.register(lambda: print("\\nimported:", *[name for name in slow if name in sys.modules]))
from recommender.cli import main
sys.argv[0] = "recommender"
main()
"""


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def part_of(path: Path) -> str:
    """The part of the house that a module belongs to: `rules` for `rules/bounds.py`."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def words_in_name(path: Path) -> set[str]:
    return set(re.findall(r"[a-z]+", str(path.relative_to(PACKAGE).with_suffix(""))))


def imported_parts(source: str, inside: tuple[str, ...]) -> Iterator[str]:
    """The parts of the house that a module imports; `inside` is its package below `recommender`, for dots.

    An import inside a function counts, and so does a module named in a string: that is how commands load late.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (part for alias in node.names for part in below_package(alias.name))
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = ("recommender", *inside)
                base = ".".join((*above[: len(above) - node.level + 1], *filter(None, [base])))
            yield from (part for alias in node.names for part in below_package(f"{base}.{alias.name}"))
        elif isinstance(node, ast.Constant) and re.fullmatch(r"recommender(\.\w+)+", str(node.value)):
            yield from below_package(str(node.value))


def below_package(dotted: str) -> Iterator[str]:
    """The part of the house that a dotted name leads to; nothing for a name from elsewhere."""
    first, *rest = dotted.split(".")
    if first == "recommender":
        named = rest[0] if rest else "__init__"
        is_module = named in FLOOR_OF or (PACKAGE / named).is_dir() or (PACKAGE / f"{named}.py").is_file()
        yield named if is_module else "__init__"


def climbing_imports(importer: str, imported: Iterator[str]) -> list[str]:
    """The imports that lead to the same floor or up, or to a module that has no floor."""
    own = FLOOR_OF.get(importer, len(FLOORS))
    return sorted({name for name in imported if name != importer and FLOOR_OF.get(name, -1) <= own})


def run_probe(*arguments: str, slow: tuple[str, ...] = SLOW_TO_IMPORT) -> tuple[int, str, set[str]]:
    """Exit code, what was printed, and which of the slow packages one run of the command imported."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, ",".join(slow), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    printed, _, imported = done.stdout.rpartition("\nimported:")
    return done.returncode, printed + done.stderr, set(imported.split())


class TestFloors:
    def test_every_module_stands_on_a_floor(self) -> None:
        homeless = [shown(path) for path in modules() if part_of(path) not in FLOOR_OF]
        assert homeless == [], "give each of these a floor in FLOORS"

    @pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
    def test_a_module_imports_only_from_below(self, path: Path) -> None:
        imported = imported_parts(path.read_text(encoding="utf-8"), path.relative_to(PACKAGE).parent.parts)
        assert climbing_imports(part_of(path), imported) == []

    @pytest.mark.parametrize(
        ("source", "inside", "expected"),
        [
            ("import recommender.policy", (), {"policy"}),
            ("import recommender", (), {"__init__"}),
            ("import numpy.random, json", (), set()),
            ("from recommender import rules, __version__", (), {"rules", "__init__"}),
            ("from recommender.rules.bounds import evaluate", (), {"rules"}),
            ("from . import errors", (), {"errors"}),
            ("from .errors import Fault", (), {"errors"}),
            ("from ..policy import Policy", ("rules",), {"policy"}),
            ("from .syntax import parse", ("rules",), {"rules"}),
            ("def late():\n    from recommender.batch import score", (), {"batch"}),
            ("LATE = {'batch': 'recommender.cli.batch'}", (), {"cli"}),
        ],
    )
    def test_every_way_to_import_is_seen(self, source: str, inside: tuple[str, ...], expected: set[str]) -> None:
        assert set(imported_parts(source, inside)) == expected

    @pytest.mark.parametrize(
        ("importer", "imported", "climbs"),
        [
            ("policy", "rules", False),
            ("rules", "rules", False),
            ("rules", "policy", True),
            ("batch", "teds", True),
            ("cli", "no_such_floor", True),
        ],
    )
    def test_only_down_is_allowed(self, importer: str, imported: str, climbs: bool) -> None:
        assert bool(climbing_imports(importer, iter([imported]))) is climbs


class TestStart:
    def test_help_imports_nothing_slow(self) -> None:
        code, printed, imported = run_probe("--help")
        assert code == 0, printed
        assert "Usage:" in printed
        assert imported == set()

    def test_one_person_is_assessed_without_tables(self) -> None:
        code, printed, imported = run_probe("assess", "data/intakes/clear_iop.json")
        assert code == 0, printed
        assert imported <= {"numpy"}

    def test_a_model_is_loaded_only_where_one_is_asked(self, tmp_path: Path) -> None:
        model = ("recommender.glass_box", "recommender.second_opinion", "recommender.registry", "sklearn")
        batch = ("batch", "data/referrals.csv", "-q", "-o", str(tmp_path / "out.csv"))
        for arguments in (("assess", "data/intakes/clear_iop.json"), batch):
            code, printed, imported = run_probe(*arguments, slow=model)
            assert code == 0, printed
            assert imported == set()

    def test_the_probe_sees_what_is_imported(self) -> None:
        _, _, imported = run_probe("--help", slow=("click", "numpy"))
        assert "click" in imported


class TestNames:
    def test_no_module_is_named_for_nothing_in_particular(self) -> None:
        assert [shown(path) for path in modules() if VAGUE_WORDS & words_in_name(path)] == []
