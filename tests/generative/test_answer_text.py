"""Whatever can be answered can be written, as a cell and as JSON, and is read back as the same answer."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.answers import DECLINED, NOT_KNOWN, Answer, read_json, read_text, unknown, write_json, write_text
from recommender.errors import InputError
from recommender.questionnaire import Question
from recommender.questionnaire_file import load_questionnaire
from recommender.rules.bounds import MISSING
from recommender.rules.tree import Nominal

QUESTIONNAIRE = load_questionnaire()
QUESTIONS = tuple(QUESTIONNAIRE.questions.values())


def answers_to(question: Question) -> st.SearchStrategy[Answer]:
    """Every answer that can be given to a question: plain, a range or a set, not known, declined."""
    if isinstance(question.type, Nominal):
        given_answers = st.integers(1, (1 << len(question.choices)) - 2).map(lambda bits: Answer(bits, bits))
    else:
        end = st.integers(question.minimum, question.maximum)
        # A range of the whole domain is read as not known, so it is not an answer of its own.
        pairs = st.tuples(end, end).map(sorted).filter(lambda ends: ends != [question.minimum, question.maximum])
        given_answers = pairs.map(lambda ends: Answer(*ends))
    return st.one_of(given_answers, st.sampled_from([unknown(question, state) for state in (NOT_KNOWN, DECLINED)]))


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
@settings(max_examples=20)
@given(data=st.data())
def test_an_answer_is_read_back_as_it_was_written(question: Question, data: st.DataObject) -> None:
    answer = data.draw(answers_to(question))
    assert read_text(question, write_text(question, answer)) == answer
    assert read_json(question, json.loads(json.dumps(write_json(question, answer)))) == answer


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_what_was_not_asked_is_a_blank_cell_and_every_span_says_its_ends(question: Question) -> None:
    missing = unknown(question, MISSING)
    assert write_text(question, missing) == ""
    assert read_text(question, " ") == missing
    for word, ends in question.spans.items():
        assert read_text(question, word) == read_json(question, word) == Answer(*ends)


@given(text=st.text(max_size=12), question=st.sampled_from(QUESTIONS))
def test_a_cell_is_an_answer_within_the_domain_or_a_fault_that_says_what_is_allowed(
    text: str, question: Question
) -> None:
    try:
        answer = read_text(question, text)
    except InputError as error:
        told = error
    else:
        whole = unknown(question, MISSING)
        assert isinstance(question.type, Nominal) or whole.lower <= answer.lower <= answer.upper <= whole.upper
        return
    assert told.faults[0].allowed
    assert str(told) == f"1 input fault: field {question.id}", "the text of an exception holds no answer"
