"""Whatever stands where something else should: a fault with its place, never a traceback."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from recommender.content_file import ContentFile
from recommender.errors import ContentError, Fault
from recommender.levels import LEVELS, load_levels
from recommender.policy import Policy
from recommender.policy_file import ADULT, load_policy
from recommender.questionnaire_file import QUESTIONS, load_questionnaire

JUNK: tuple[Any, ...] = (None, 3, "x y", [], {}, [3], ["a"], {"a": 1}, True, [[]], [{}])
Place = tuple[str | int, ...]


def shortened(value: Any) -> Any:
    """The same data with the first entry of each list, so that a variant is read in a moment."""
    if isinstance(value, dict):
        return {key: shortened(entry) for key, entry in value.items()}
    return [shortened(entry) for entry in value[:1]] if isinstance(value, list) else value


def places(value: Any, path: Place = ()) -> Iterator[Place]:
    """One place for every different path of keys; the positions in lists do not count."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, entry in pairs:
        yield (*path, step)
        yield from places(entry, (*path, step))


def different(found: Iterator[Place]) -> list[Place]:
    return list({tuple("*" if isinstance(step, int) else step for step in path): path for path in found}.values())


def with_junk(data: dict[str, Any], path: Place, junk: Any) -> dict[str, Any]:
    changed = copy.deepcopy(data)
    *above, last = path
    inner: Any = changed
    for step in above:
        inner = inner[step]
    inner[last] = junk
    return changed


def faults_of(read: Callable[[], object]) -> Sequence[Fault]:
    try:
        read()
    except ContentError as error:
        return error.faults
    return ()


FILES = {"policy": ADULT, "questions": QUESTIONS / "05_mental_health.yaml", "levels": LEVELS}


@pytest.mark.parametrize("kind", FILES)
def test_whatever_stands_in_a_content_file_is_read_or_told(
    tmp_path_factory: pytest.TempPathFactory, policy: Policy, kind: str
) -> None:
    data = shortened(ContentFile(FILES[kind]).data)
    file = tmp_path_factory.mktemp("broken") / "broken.yaml"
    read: dict[str, Callable[[], object]] = {
        "policy": lambda: load_policy(file, policy.questionnaire, policy.ladder),
        "questions": lambda: load_questionnaire(file.parent),
        "levels": lambda: load_levels(file),
    }

    @given(path=st.sampled_from(different(places(data))), junk=st.sampled_from(JUNK))
    def check(path: Place, junk: Any) -> None:
        file.write_text(yaml.safe_dump(with_junk(data, path, junk), allow_unicode=True), encoding="utf-8")
        faults = faults_of(read[kind])
        assert all(fault.line and fault.column and fault.what for fault in faults)

    check()
