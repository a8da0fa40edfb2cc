"""The first tables.

Revision: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ID, CODE, MOMENT = sa.String(32), sa.String(64), sa.DateTime(timezone=True)
TABLES = (
    "audit",
    "audit_head",
    "failed_sign_ins",
    "people",
    "users",
    "consents",
    "people_index",
    "referrals",
    "sessions",
    "assessments",
    "disclosures",
    "answers",
    "clearances",
    "recommendations",
    "decisions",
)


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", CODE, nullable=False),
        sa.Column("through", CODE, nullable=False),
        sa.Column("request", CODE, nullable=False),
        sa.Column("action", CODE, nullable=False),
        sa.Column("subject", CODE, nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("key", ID, nullable=False),
        sa.Column("previous", CODE, nullable=False),
        sa.Column("mark", CODE, nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_actor"), "audit", ["actor"])
    op.create_index(op.f("ix_audit_subject"), "audit", ["subject"])
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("mark", CODE, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "failed_sign_ins",
        sa.Column("id", ID, nullable=False),
        sa.Column("token", CODE, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failed_sign_ins")),
    )
    op.create_index(op.f("ix_failed_sign_ins_token"), "failed_sign_ins", ["token"])
    op.create_table(
        "people",
        sa.Column("id", ID, nullable=False),
        sa.Column("site", CODE, nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("erased_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
    )
    op.create_index(op.f("ix_people_site"), "people", ["site"])
    op.create_table(
        "users",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", CODE, nullable=False),
        sa.Column("display", sa.Text(), nullable=False),
        sa.Column("role", CODE, nullable=False),
        sa.Column("site", CODE, nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
    )
    op.create_table(
        "consents",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("scope", CODE, nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("written_by", CODE, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_consents_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_person_id"), "consents", ["person_id"])
    op.create_table(
        "people_index",
        sa.Column("person_id", ID, nullable=False),
        sa.Column("token", CODE, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_people_index_person_id")),
        sa.PrimaryKeyConstraint("person_id", "token", name=op.f("pk_people_index")),
    )
    op.create_index(op.f("ix_people_index_token"), "people_index", ["token"])
    op.create_table(
        "referrals",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("site", CODE, nullable=False),
        sa.Column("source", CODE, nullable=False),
        sa.Column("priority", CODE, nullable=False),
        sa.Column("status", CODE, nullable=False),
        sa.Column("assigned_to", ID, nullable=True),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["assigned_to"], ["users.id"], name=op.f("fk_referrals_assigned_to")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_referrals_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals")),
    )
    op.create_index(op.f("ix_referrals_person_id"), "referrals", ["person_id"])
    op.create_index(op.f("ix_referrals_site"), "referrals", ["site"])
    op.create_index(op.f("ix_referrals_status"), "referrals", ["status"])
    op.create_table(
        "sessions",
        sa.Column("id", CODE, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("form_secret", CODE, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sessions_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_user_id"), "sessions", ["user_id"])
    op.create_table(
        "assessments",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("referral_id", ID, nullable=True),
        sa.Column("earlier_id", ID, nullable=True),
        sa.Column("site", CODE, nullable=False),
        sa.Column("started_by", CODE, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["earlier_id"], ["assessments.id"], name=op.f("fk_assessments_earlier_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_assessments_person_id")),
        sa.ForeignKeyConstraint(["referral_id"], ["referrals.id"], name=op.f("fk_assessments_referral_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessments")),
    )
    op.create_index(op.f("ix_assessments_person_id"), "assessments", ["person_id"])
    op.create_index(op.f("ix_assessments_referral_id"), "assessments", ["referral_id"])
    op.create_index(op.f("ix_assessments_site"), "assessments", ["site"])
    op.create_table(
        "disclosures",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("consent_id", ID, nullable=True),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("purpose", CODE, nullable=False),
        sa.Column("what", CODE, nullable=False),
        sa.Column("made_by", CODE, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["consent_id"], ["consents.id"], name=op.f("fk_disclosures_consent_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_disclosures_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosures")),
    )
    op.create_index(op.f("ix_disclosures_person_id"), "disclosures", ["person_id"])
    op.create_table(
        "answers",
        sa.Column("id", ID, nullable=False),
        sa.Column("assessment_id", ID, nullable=False),
        sa.Column("question", CODE, nullable=False),
        sa.Column("state", CODE, nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("source", CODE, nullable=False),
        sa.Column("given_by", CODE, nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["assessment_id"], ["assessments.id"], name=op.f("fk_answers_assessment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
    )
    op.create_index(op.f("ix_answers_assessment_id"), "answers", ["assessment_id"])
    op.create_index(
        "ix_answers_in_force",
        "answers",
        ["assessment_id", "question"],
        unique=True,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_table(
        "clearances",
        sa.Column("id", ID, nullable=False),
        sa.Column("assessment_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("policy_hash", CODE, nullable=False),
        sa.Column("flag", CODE, nullable=False),
        sa.Column("mode", CODE, nullable=False),
        sa.Column("reason", CODE, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("cleared_by", ID, nullable=False),
        sa.Column("cleared_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["assessment_id"], ["assessments.id"], name=op.f("fk_clearances_assessment_id")),
        sa.ForeignKeyConstraint(["cleared_by"], ["users.id"], name=op.f("fk_clearances_cleared_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clearances")),
    )
    op.create_index(op.f("ix_clearances_assessment_id"), "clearances", ["assessment_id"])
    op.create_table(
        "recommendations",
        sa.Column("id", ID, nullable=False),
        sa.Column("assessment_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("answers_hash", CODE, nullable=False),
        sa.Column("policy_hash", CODE, nullable=False),
        sa.Column("population_hash", CODE, nullable=False),
        sa.Column("model_hash", CODE, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("status", CODE, nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("result_hash", CODE, nullable=False),
        sa.Column("made_by", CODE, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["assessment_id"], ["assessments.id"], name=op.f("fk_recommendations_assessment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recommendations")),
    )
    op.create_index(op.f("ix_recommendations_assessment_id"), "recommendations", ["assessment_id"])
    op.create_table(
        "decisions",
        sa.Column("id", ID, nullable=False),
        sa.Column("assessment_id", ID, nullable=False),
        sa.Column("recommendation_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("indicated", CODE, nullable=False),
        sa.Column("offered", CODE, nullable=False),
        sa.Column("accepted", CODE, nullable=False),
        sa.Column("is_override", sa.Boolean(), nullable=False),
        sa.Column("override_reason", CODE, nullable=False),
        sa.Column("difference_reason", CODE, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("decided_by", ID, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=False),
        sa.Column("signed_by", ID, nullable=True),
        sa.Column("signed_at", MOMENT, nullable=True),
        sa.Column("signature_key", ID, nullable=True),
        sa.Column("signature", CODE, nullable=True),
        sa.ForeignKeyConstraint(["assessment_id"], ["assessments.id"], name=op.f("fk_decisions_assessment_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_decisions_decided_by")),
        sa.ForeignKeyConstraint(
            ["recommendation_id"], ["recommendations.id"], name=op.f("fk_decisions_recommendation_id")
        ),
        sa.ForeignKeyConstraint(["signed_by"], ["users.id"], name=op.f("fk_decisions_signed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sa.UniqueConstraint("assessment_id", "number", name=op.f("uq_decisions_assessment_id_number")),
    )
    op.create_index(op.f("ix_decisions_assessment_id"), "decisions", ["assessment_id"])
    op.execute(
        sa.text("INSERT INTO audit_head (id, number, mark) VALUES (1, 0, :beginning)").bindparams(beginning="0" * 64)
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
