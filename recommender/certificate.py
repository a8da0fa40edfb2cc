"""A certificate: what was proved of which policy, by which solver and when. Kept beside the policy; reports cite it.

It holds for one policy hash alone, so an edit of any rule, question or level ends it. It says that the rules do what
they promise for every possible intake. It does not say that the rules are clinically right.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from recommender.errors import ContentError, Fault
from recommender.policy import Policy

CERTIFICATES = Path(__file__).parent / "certificates"
KEYS = ("policy", "version", "policy_hash", "status", "proved_on", "solver", "engine", "properties", "means")
MEANS = (
    "The rules do what is listed here for every possible intake. Not clinically validated: it is not said to be right."
)


@dataclass(frozen=True)
class Certificate:
    """What was proved of one policy: by kind, the subjects of the properties."""

    policy: str
    version: str
    policy_hash: str
    status: str
    proved_on: str
    solver: str
    engine: str
    properties: Mapping[str, tuple[str, ...]]

    @property
    def count(self) -> int:
        """How many properties were proved."""
        return sum(len(subjects) for subjects in self.properties.values())

    def says_as_much_as(self, other: Certificate) -> bool:
        """Whether two certificates differ in nothing but the day."""
        return replace(self, proved_on=other.proved_on) == other

    def as_text(self) -> str:
        """The certificate as it is kept in a file."""
        told: dict[str, Any] = {**self.__dict__, "means": MEANS}
        return json.dumps(told, indent=1, ensure_ascii=False) + "\n"

    def line(self) -> str:
        """The certificate in a line."""
        return f"{self.count} properties proved on {self.proved_on} with {self.solver}"


def certificate_for(policy: Policy, folder: Path = CERTIFICATES) -> Certificate | None:
    """The certificate kept for just this policy, or None: it was never proved, or changed since."""
    file = folder / f"{policy.id}.json"
    if not file.is_file():
        return None
    found = read_certificate(file)
    return found if found.policy_hash == policy.hash else None


def read_certificate(file: Path) -> Certificate:
    """The certificate in a file. Raises ContentError for one that is not whole."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ContentError(Fault("the certificate cannot be read", file=file.name)) from error
    if not isinstance(data, dict) or set(data) != set(KEYS):
        remedy = "Make it anew with `recommender policy check --certificate`."
        raise ContentError(Fault("this is not a certificate", file=file.name, allowed=", ".join(KEYS), remedy=remedy))
    data.pop("means")
    properties = {kind: tuple(subjects) for kind, subjects in data.pop("properties").items()}
    return Certificate(**data, properties=properties)
