"""The packaged policy, loaded once; and the folder of real public data, where it is at hand."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from recommender.answers import Answer, read_text
from recommender.policy import Policy
from recommender.policy_file import load_policy

# Deterministic and short here; `pytest --hypothesis-profile=long` looks further.
settings.register_profile("short", derandomize=True, deadline=None, max_examples=80)
settings.register_profile("long", deadline=None, max_examples=3000, suppress_health_check=list(HealthCheck))
settings.load_profile("short")

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def policy() -> Policy:
    """The adult policy that ships with the package."""
    return load_policy()


@pytest.fixture(scope="session")
def referral(policy: Policy) -> Callable[[int], dict[str, Answer]]:
    """By row, from 0, the synthetic referrals of the sample: answers with gaps, ranges and refusals."""
    questions = policy.questionnaire.questions
    with (ROOT / "data" / "referrals.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            {name: text for name, text in row.items() if name in questions and text} for row in csv.DictReader(file)
        ]
    return [{name: read_text(questions[name], text) for name, text in row.items()} for row in rows].__getitem__


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with real public data beside the checkout; its files may be measured, never copied here."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no ../shared/data beside this checkout: real public data are not part of the project")
    return folder
