"""The schemas that editors use: what they accept, what they refuse, and that the stored ones are today's."""

from __future__ import annotations

import copy
import datetime
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from recommender.cli.policy.schema import KINDS
from recommender.content_file import CONTENT, YAML_LOADER, ContentFile
from recommender.policy import Policy
from recommender.schema import SCHEMAS, schema_of, schema_text

STORED = Path(__file__).parents[2] / "docs" / "schemas"
FILES = {
    "policy": [*(CONTENT / "policies").glob("*.yaml")],
    "questions": [*(CONTENT / "questions").glob("*.yaml")],
    "levels": [CONTENT / "levels.yaml"],
    "cases": [*(CONTENT / "cases").glob("*.yaml")],
}


class EditorLoader(YAML_LOADER):  # type: ignore[misc]  # the base has no types
    """YAML 1.2, which editors read: a bare yes or no is text."""


EditorLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if not tag.endswith(":bool") or first in "tTfF"]
    for first, found in YAML_LOADER.yaml_implicit_resolvers.items()
}


def as_editors_read_it(value: Any) -> Any:
    """The data with dates as text and keys as text, which is how JSON Schema sees YAML."""
    if isinstance(value, dict):
        return {str(key): as_editors_read_it(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [as_editors_read_it(entry) for entry in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


def errors(kind: str, data: Any) -> list[str]:
    schema = json.loads((STORED / f"{kind}.json").read_text(encoding="utf-8"))
    return [error.message for error in Draft7Validator(schema).iter_errors(as_editors_read_it(data))]


@pytest.mark.parametrize("kind", SCHEMAS)
def test_the_stored_schema_is_todays(policy: Policy, kind: str) -> None:
    schema = schema_of(kind, policy)
    Draft7Validator.check_schema(schema)
    stored = (STORED / f"{kind}.json").read_text(encoding="utf-8")
    assert stored == schema_text(schema), "run `make docs`"


def test_the_command_knows_every_kind() -> None:
    assert set(KINDS) == set(SCHEMAS)


@pytest.mark.parametrize("kind", SCHEMAS)
def test_the_packaged_files_are_as_their_schema_says(kind: str) -> None:
    assert FILES[kind]
    for path in FILES[kind]:
        text = path.read_text(encoding="utf-8")
        assert errors(kind, yaml.load(text, Loader=EditorLoader)) == [], path.name  # noqa: S506  # a safe loader
        assert errors(kind, ContentFile(path).data) == [], path.name


@pytest.mark.parametrize("kind", SCHEMAS)
def test_an_editor_finds_the_schema_of_every_packaged_file(kind: str) -> None:
    for path in FILES[kind]:
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        target = first.removeprefix("# yaml-language-server: $schema=")
        assert (path.parent / target).resolve() == STORED / f"{kind}.json", path.name


SLIPS: list[tuple[str, tuple[str | int, ...], Any]] = [
    ("policy", ("areas", 0, "rules", 0, "rating"), 5),
    ("policy", ("placement", 0, "level"), "hospitel"),
    ("policy", ("red_flags", 0, "mode"), "blok"),
    ("policy", ("strands", 0, "rules", 0, "wen"), "always"),
    ("policy", ("monotone_exceptions", 0, "question"), "agee"),
    ("policy", ("sources", "PJ"), "Project judgement"),
    ("questions", ("questions", 0, "worse"), "sideways"),
    ("questions", ("questions", 0, "safety"), 3),
    ("levels", ("levels", 0, "crosswalk", "asam5"), "x"),
    ("cases", ("baseline", "age"), 400),
    ("cases", ("cases", 0, "answers", "agee"), 40),
    ("cases", ("baseline", "suicide_thoughts"), "often"),
]


@pytest.mark.parametrize(("kind", "path", "slip"), SLIPS, ids=lambda value: str(value))
def test_a_slip_is_refused(kind: str, path: tuple[str | int, ...], slip: Any) -> None:
    name = "examples.yaml" if kind == "cases" else ""
    file = next(file for file in sorted(FILES[kind]) if name in file.name)
    data = copy.deepcopy(ContentFile(file).data)
    inner: Any = data
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = slip
    assert errors(kind, data)


def test_an_answer_may_be_open_or_a_range() -> None:
    data = copy.deepcopy(ContentFile(CONTENT / "cases" / "examples.yaml").data)
    data["cases"][0]["answers"] = {
        "age": {"from": 18, "to": 30},
        "main_substance": {"any_of": ["alcohol", "opioid"]},
        "violence": "not_known",
        "starving": "no",
        "suicide_behaviour": "ever_time_not_stated",
        "pregnancy": None,
    }
    assert errors("cases", data) == []
