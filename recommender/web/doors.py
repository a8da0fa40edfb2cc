"""Which page needs which permission. A page that is not listed here is shut for everybody.

`OPEN` is for whoever is not signed in yet, `SIGNED_IN` for every user, `PROGRAM` and a scope for programs. Whether a
record is one of the user's own site is asked again where it is read (`visit.Visit`).
"""

from __future__ import annotations

from collections.abc import Mapping

OPEN, SIGNED_IN = "open", "signed in"
# Before the scope that the token of another program needs.
PROGRAM = "program: "

# By the name of a route: what it needs.
DOORS: Mapping[str, str] = {
    "static": OPEN,
    "health": OPEN,
    "metrics": OPEN,
    "api_description": OPEN,
    "api_assess": PROGRAM + "assess",
    "api_next": PROGRAM + "interview",
    "api_submit": PROGRAM + "batch",
    "api_batch": PROGRAM + "batch",
    "api_result": PROGRAM + "batch",
    "api_rejects": PROGRAM + "batch",
    "sign_in": OPEN,
    "try_sign_in": OPEN,
    "first_run": OPEN,
    "set_up": OPEN,
    "home": SIGNED_IN,
    "sign_out": SIGNED_IN,
    "worklist": "referrals.read",
    "new_referral": "referrals.write",
    "add_referral": "referrals.write",
    "referral": "referrals.read",
    "change_referral": "referrals.write",
    "start_assessment": "answers.write",
    "interview": "assessments.read",
    "language": SIGNED_IN,
    "answer": "answers.write",
    "save_answer": "answers.write",
    "acknowledge": "answers.write",
    "reassess": "answers.write",
    "issue": "recommendations.issue",
    "result": "assessments.read",
    "clear": "holds.clear",
    "decide": "decisions.write",
    "sign": "decisions.sign",
    "packet_form": "disclosures.write",
    "packet": "disclosures.write",
    "consent": "consents.write",
    "end_consent": "consents.write",
    "batches": "batch.submit",
    "send_batch": "batch.submit",
    "batch": "batch.submit",
    "batch_file": "batch.submit",
    "put_on_worklist": "referrals.write",
    "capacity": "capacity.read",
    "capacity_table": "capacity.read",
    "deidentified": "deidentified.read",
    "policy": "policy.read",
    "models": "models.read",
    "model": "models.read",
    "model_report": "models.read",
    "users": "users.manage",
    "add_user": "users.manage",
    "change_user": "users.manage",
    "keys": "keys.manage",
    "retention": "retention.run",
    "erase_due": "retention.run",
    "tokens": "tokens.manage",
    "make_token": "tokens.manage",
    "revoke_token": "tokens.manage",
}
