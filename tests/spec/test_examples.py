"""Made-up people, each with the level that the policy must give: `content/cases/examples.yaml`."""

from __future__ import annotations

import pytest

from recommender.cases import Case, load_examples
from recommender.policy import Policy
from recommender.policy_file import load_policy
from recommender.recommendation import recommend

EXAMPLES = load_examples(load_policy().questionnaire)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.id} {example.about}")
def test_example_gets_its_level_and_nothing_is_left_open(example: Case, policy: Policy) -> None:

    recommendation = recommend(policy, example.answers, id=example.id)
    assert (recommendation.level_at_least.id, recommendation.level_at_most.id) == (example.expect, example.expect)
