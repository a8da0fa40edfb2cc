"""JSON Schemas of the content files, so that an editor completes and checks while somebody types.

Made from the shapes that the readers check by, with the names that there are: levels, questions, sources, steps. A
schema is an aid: what only the readers can tell, such as the types in an expression, `recommender policy lint` says.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from recommender.cases import CALIBRATION_FILE, EXAMPLES_FILE
from recommender.levels import LEVEL_FILE
from recommender.policy import Policy
from recommender.policy_shape import POLICY_FILE
from recommender.question_shape import QUESTION_FILE
from recommender.questionnaire import Question
from recommender.rules.tree import Nominal
from recommender.shape import Kind, Shape

DIALECT = "http://json-schema.org/draft-07/schema#"
NAMES_OF_TYPES: Mapping[type, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    list: "array",
    dict: "object",
    date: "string",
    type(None): "null",
}
# Editors read YAML 1.2, where a bare yes is text; our reader reads 1.1, where it is a truth. Both are the same to us.
YES_OR_NO: dict[str, Any] = {"enum": [True, False, "yes", "no"]}
# Lists that a file may add names to: these are offered, and others are allowed.
OPEN_LISTS = ("sources", "steps", "contacts", "flag_groups", "red_flags", "areas")
UNKNOWN = ["not_known", "declined"]
EXPRESSION_EXAMPLES = ["always", "ciwa >= 10 or alcohol_signs >= 'moderate'", "age >= 65 and not daily_check"]

Schema = dict[str, Any]


def schema_of(kind: str, policy: Policy) -> Schema:
    """The schema of one kind of file, with the names of a policy. KeyError for a kind that is none of `SCHEMAS`."""
    title, make = SCHEMAS[kind]
    return {"$schema": DIALECT, "title": title, **make(_Writer(policy))}


def schema_text(schema: Schema) -> str:
    """A schema as the files have it."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


class _Writer:
    """Turns shapes into schemas; knows the names that can stand behind a key."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.names: dict[str, list[str]] = {
            "levels": list(policy.ladder.ids),
            "beside": list(policy.ladder.beside),
            "questions": list(policy.questionnaire.questions),
            "sources": list(policy.sources),
            "contacts": list(policy.contacts),
            "flag_groups": list(policy.flag_groups),
            "red_flags": [flag.id for flag in policy.red_flags],
            "areas": [area.id for area in policy.areas],
            "steps": list(dict.fromkeys(step for strand in policy.strands for step in strand.steps)),
        }

    def entry(self, shape: Shape) -> Schema:
        """A mapping with the keys of a shape and no others."""
        properties = {name: {**self.value(key.kind), "description": key.about} for name, key in shape.items()}
        required = [name for name, key in shape.items() if key.required]
        schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
        return {**schema, "required": required} if required else schema

    def value(self, kind: Kind) -> Schema:
        """What may stand behind a key."""
        if kind.options:
            return {"enum": list(kind.options)}
        if kind.among == "answers":
            return {"$ref": "#/definitions/answers"}
        if kind.among in self.names:
            return self.name(kind.among)
        if kind.shape is not None:
            return self.entry(kind.shape)
        if bool in kind.types:
            return YES_OR_NO
        if kind.types == (object,):
            return {}
        schema: Schema = {"type": types_of(kind.types)}
        if kind.among == "expressions":
            schema["examples"] = EXPRESSION_EXAMPLES
        if kind.items is not None:
            schema["items" if list in kind.types else "additionalProperties"] = self.value(kind.items)
        return schema

    def name(self, among: str) -> Schema:
        """One of the names; or any, for a list that the file itself may add to."""
        names: Schema = {"enum": self.names[among]}
        return {"anyOf": [names, {"type": "string"}]} if among in OPEN_LISTS else names

    def cases(self) -> Schema:
        """Either form of a file of cases."""
        return {"anyOf": [self.entry(EXAMPLES_FILE), self.entry(CALIBRATION_FILE)], "definitions": self.definitions()}

    def definitions(self) -> dict[str, Schema]:
        """The answers of one person, each question with what it may hold; and the forms that answers share."""
        questions = self.policy.questionnaire.questions.values()
        properties = {question.id: answer(question) for question in questions}
        end: Schema = {"type": ["integer", "string", "boolean"]}
        return {
            "answers": {"type": ["object", "null"], "properties": properties, "additionalProperties": False},
            "range": closed_object(**{"from": end, "to": end}),
            "set": {**closed_object(any_of={"type": "array", "minItems": 1}), "required": ["any_of"]},
        }


def closed_object(**properties: Schema) -> Schema:
    """A mapping with one or more of these keys."""
    return {"type": "object", "properties": properties, "additionalProperties": False, "minProperties": 1}


def types_of(types: Iterable[type]) -> str | list[str]:
    """The names of types in a schema."""
    names = list(dict.fromkeys(NAMES_OF_TYPES[entry] for entry in types))
    return names[0] if len(names) == 1 else names


def answer(question: Question) -> Schema:
    """What an answer to a question may be: plain, a range or set, a word of a chart, not known or declined."""
    words = [*question.names, *question.spans, *UNKNOWN, None]
    forms: list[Schema] = [{"enum": [True, False, *words] if question.kind == "yes_no" else words}]
    if question.kind == "count":
        forms.append({"type": "integer", "minimum": question.minimum, "maximum": question.maximum})
    if question.kind != "yes_no":
        forms.append({"$ref": f"#/definitions/{'set' if isinstance(question.type, Nominal) else 'range'}"})
    return {"anyOf": forms, "description": question.text}


SCHEMAS: Mapping[str, tuple[str, Callable[[_Writer], Schema]]] = {
    "policy": ("A policy of recommender", lambda writer: writer.entry(POLICY_FILE)),
    "questions": ("Questions of recommender", lambda writer: writer.entry(QUESTION_FILE)),
    "levels": ("The ladder of levels of recommender", lambda writer: writer.entry(LEVEL_FILE)),
    "cases": ("Cases of recommender", lambda writer: writer.cases()),
}
