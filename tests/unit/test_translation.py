"""The questions in another language: all of them, with the same choices, numbers and question marks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from recommender import translation
from recommender.errors import ContentError, InputError
from recommender.policy import Policy
from recommender.store import consents, disclosures, permissions, reasons, referrals, tokens
from recommender.translation import languages, load_translation
from recommender.web.words import load_words

NUMBER = re.compile(r"\d+(?:\.\d+)?")


@pytest.mark.parametrize("language", languages())
def test_every_question_and_choice_is_there_with_the_same_numbers(policy: Policy, language: str) -> None:
    spoken = load_translation(language, policy.questionnaire)
    for question in policy.questionnaire.questions.values():
        pairs = [(question.text, spoken.text(question))]
        pairs += [(question.words_of(place), spoken.choice(question, place)) for place in range(len(question.names))]
        for english, other in pairs if question.kind != "count" else pairs[:1]:
            assert other, (question.id, english)
            assert sorted(NUMBER.findall(english)) == sorted(NUMBER.findall(other)), (question.id, english, other)
        assert question.text.count("?") == pairs[0][1].count("?"), question.id


def test_choices_that_differ_in_english_differ_in_spanish(policy: Policy) -> None:
    spoken = load_translation("es", policy.questionnaire)
    for question in policy.questionnaire.questions.values():
        words = {spoken.choice(question, place) for place in range(len(question.choices))}
        assert len(words) == len({choice.text for choice in question.choices}), question.id


def test_a_question_that_is_not_there_is_told_with_its_line(
    policy: Policy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translation, "TRANSLATIONS", tmp_path)
    text = "language: xx\nname: X\nreviewed_by: ''\nyes_no: [a, b]\nquestions:\n  agee: {text: hm}\n"
    (tmp_path / "xx.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ContentError) as raised:
        load_translation("xx", policy.questionnaire)
    assert "line 6" in raised.value.faults[0].sentence()
    assert "Did you mean `age`" in raised.value.faults[0].sentence()
    with pytest.raises(InputError):
        load_translation("yy", policy.questionnaire)


def test_every_code_of_the_store_has_its_words_on_the_desk() -> None:
    words = load_words()
    lists = {
        "status": referrals.STATUSES,
        "priority": {code: entry.words for code, entry in referrals.PRIORITIES.items()},
        "source": referrals.SOURCES,
        "scope": consents.SCOPES,
        "difference": reasons.DIFFERENCE,
        "clearance": reasons.CLEARANCE,
        "role": permissions.ROLES,
        "token": tokens.SCOPES,
    }
    for kind, meant in lists.items():
        assert words.of(kind, meant) == dict(meant), "the store and the pages say the same"
    assert set(words.of("purpose", disclosures.PURPOSES)) == set(disclosures.PURPOSES)
