"""What the API takes and gives, in OpenAPI: the form of an answer is made from the question itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recommender.questionnaire import Question, Questionnaire
from recommender.rules.tree import Nominal, Truth

FAULTS = {"$ref": "#/components/schemas/Faults"}
DETAIL = {"$ref": "#/components/schemas/Detail"}


def answer_of(words: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": dict(schema)}}}


REFUSED: dict[int | str, dict[str, Any]] = {
    401: answer_of("No token that holds was sent.", DETAIL),
    403: answer_of("The token has not the scope.", DETAIL),
    429: answer_of("Too many requests; `Retry-After` says how long to wait.", DETAIL),
}
FAULTY = answer_of("What was sent has faults; all of them are listed.", FAULTS)
LARGE = answer_of("More was sent than is taken.", DETAIL)
ANSWERED: dict[int | str, dict[str, Any]] = {**REFUSED, 413: LARGE, 422: FAULTY}
SUBMITTED: dict[int | str, dict[str, Any]] = {**ANSWERED, 503: answer_of("This desk takes no tables.", DETAIL)}
MISSING = answer_of("There is no such batch of this token, or it is not done.", FAULTS)
BATCH_ID: dict[int | str, dict[str, Any]] = {**SUBMITTED, 404: MISSING}
INTAKE = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Intake"}}},
    },
    "security": [{"token": []}],
}
TABLES = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "application/vnd.apache.parquet": {"schema": {"type": "string", "format": "binary"}},
        },
    },
    "security": [{"token": []}],
}


def described(made: dict[str, Any], questionnaire: Questionnaire) -> dict[str, Any]:
    """The description with its schemas, and a token needed everywhere."""
    questions = questionnaire.questions.values()
    answers = {q.id: {"description": q.text, "anyOf": forms(q)} for q in questions}
    components = made.setdefault("components", {})
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    components.setdefault("schemas", {}).update(
        Intake={
            "type": "object",
            "required": ["id", "answers"],
            "additionalProperties": False,
            "properties": {
                "id": {"type": "string", "minLength": 1},
                "about": {"type": "string"},
                "answers": {"type": "object", "additionalProperties": False, "properties": answers},
            },
        },
        Faults={
            "type": "object",
            "required": ["faults"],
            "properties": {"faults": {"type": "array", "items": {"type": "object"}}},
        },
        Detail={"type": "object", "required": ["detail"], "properties": {"detail": {}}},
    )
    made["security"] = [{"token": []}]
    return made


def forms(question: Question) -> list[dict[str, Any]]:
    """The forms that an answer may have: plain, a range or a set, not known, declined."""
    plain = plain_form(question)
    unsure: dict[str, Any] = {"type": "object", "additionalProperties": False, "minProperties": 1}
    if isinstance(question.type, Nominal):
        unsure["properties"] = {"any_of": {"type": "array", "minItems": 1, "items": plain}}
    else:
        unsure["properties"] = {"from": plain, "to": plain}
    return [plain, unsure, {"type": "null"}, {"const": "declined"}]


def plain_form(question: Question) -> dict[str, Any]:
    if isinstance(question.type, Truth):
        return {"type": "boolean"}
    if question.kind == "count":
        return {"type": "integer", "minimum": question.minimum, "maximum": question.maximum}
    return {"enum": list(question.names)}
