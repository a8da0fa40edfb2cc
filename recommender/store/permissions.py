"""Who may do what: four roles, one table. What is not in the table is forbidden. Pure data and functions.

A permission named in `AT_OWN_SITE` holds only for records of the user's own site; every page and every API call asks
`may` with the site of the record that it is about.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from recommender.errors import Fault, NotPermitted

COORDINATOR, CLINICIAN, ANALYST, ADMINISTRATOR = "coordinator", "clinician", "analyst", "administrator"
ROLES: Mapping[str, str] = {
    COORDINATOR: "Intake coordinator",
    CLINICIAN: "Nurse or clinician",
    ANALYST: "Analyst",
    ADMINISTRATOR: "Administrator",
}

# Permissions, each with what it allows.
PERMISSIONS: Mapping[str, str] = {
    "people.read": "see who somebody is, and search",
    "people.write": "add people and change who they are",
    "referrals.read": "see the worklist",
    "referrals.write": "add, assign and close referrals",
    "assessments.read": "see answers and recommendations",
    "answers.write": "answer the questions that a coordinator asks",
    "nurse_answers.write": "answer the questions that a nurse asks",
    "recommendations.issue": "have a recommendation made and kept",
    "holds.clear": "clear a red flag that holds or raises a level",
    "decisions.write": "write down what is indicated, offered and accepted",
    "decisions.sign": "sign a decision",
    "consents.write": "write down consents and their end",
    "disclosures.write": "hand a record on, print or export it",
    "batch.submit": "score a table of referrals",
    "capacity.read": "see counts of need against capacity",
    "deidentified.read": "export rows that identify nobody",
    "policy.read": "read the rules in force",
    "models.read": "read about the models",
    "users.manage": "add users, change roles, disable them",
    "tokens.manage": "make and end tokens for other programs",
    "keys.manage": "change the keys",
    "retention.run": "erase by age what need not be kept",
    "audit.read": "read and check the audit log",
}
EVERYBODY = frozenset({"policy.read", "models.read"})
COORDINATION = frozenset(
    {
        "people.read",
        "people.write",
        "referrals.read",
        "referrals.write",
        "assessments.read",
        "answers.write",
        "recommendations.issue",
        "decisions.write",
        "consents.write",
        "disclosures.write",
        "batch.submit",
        "capacity.read",
    }
)
CLINICAL = frozenset({"nurse_answers.write", "holds.clear", "decisions.sign"})
ALLOWED: Mapping[str, frozenset[str]] = {
    COORDINATOR: EVERYBODY | COORDINATION,
    CLINICIAN: EVERYBODY | COORDINATION | CLINICAL,
    ANALYST: EVERYBODY | {"capacity.read", "deidentified.read"},
    ADMINISTRATOR: EVERYBODY | {"users.manage", "tokens.manage", "keys.manage", "retention.run", "audit.read"},
}
# What concerns one person's record, and so only people of the same site.
AT_OWN_SITE: frozenset[str] = (COORDINATION | CLINICAL) - {"capacity.read"}


class WhoActs(Protocol):
    """What is asked of whoever acts: a user of the store, or what a session or token says of one."""

    @property
    def role(self) -> str: ...
    @property
    def site(self) -> str: ...
    @property
    def disabled(self) -> bool: ...


def allowed(role: str, permission: str) -> bool:
    """Whether a role has a permission at all. False for a role or a permission that nobody knows."""
    return permission in PERMISSIONS and permission in ALLOWED.get(role, frozenset())


def may(who: WhoActs | None, permission: str, site: str | None = None) -> bool:
    """Whether somebody may do something to a record of a site (None: to no record in particular, such as a list).

    A list that is about people must then be one of the user's own site.
    """
    if who is None or who.disabled or not allowed(who.role, permission):
        return False
    return site is None or permission not in AT_OWN_SITE or site == who.site


def require(who: WhoActs | None, permission: str, site: str | None = None) -> None:
    """Raises NotPermitted unless `may`."""
    if not may(who, permission, site):
        what = PERMISSIONS.get(permission, "do this")
        raise NotPermitted(
            Fault(f"this user may not {what}", remedy="Ask an administrator, or a colleague whose role it is.")
        )
