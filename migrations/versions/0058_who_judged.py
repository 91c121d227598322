"""Disputes keep who had confirmed the attestation; one that a review let count again no longer says it was withdrawn."""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("appeal") as table:
        table.drop_constraint(op.f("fk_appeal_refused_by_id_account"), type_="foreignkey")
        table.alter_column("refused_by_id", new_column_name="judged_by_id", existing_type=sa.Integer())
    with op.batch_alter_table("appeal") as table:
        table.create_foreign_key(op.f("fk_appeal_judged_by_id_account"), "account", ["judged_by_id"], ["id"])
    # The audit log knows who had confirmed what another person has decided on since.
    op.execute(
        "UPDATE appeal SET judged_by_id = COALESCE("
        "(SELECT audit_entry.actor_id FROM audit_entry WHERE audit_entry.verb = 'attestation_confirmed'"
        " AND audit_entry.thing = appeal.source AND audit_entry.at <= appeal.made_at"
        " ORDER BY audit_entry.id DESC LIMIT 1),"
        " (SELECT attestation.decided_by_id FROM attestation"
        " WHERE 'attestation:' || CAST(attestation.id AS TEXT) = appeal.source))"
        " WHERE kind = 'dispute' AND source LIKE 'attestation:%'"
    )
    _let_count()


def _let_count() -> None:
    """Have a withdrawn attestation whose evidence is in force stand as what the newest such decision made of it."""
    replaced = (
        "(SELECT appeal_decision.{column} FROM appeal_decision JOIN appeal ON appeal.id = appeal_decision.appeal_id"
        " WHERE appeal.source = 'attestation:' || CAST(attestation.id AS TEXT) AND appeal_decision.remedy = 'replaced'"
        " ORDER BY appeal_decision.id DESC LIMIT 1)"
    )
    said = ("decided_by_id", "decided_at", "reason")
    taken = ", ".join(f"{name} = {replaced.format(column=name)}" for name in said)
    op.execute(
        f"UPDATE attestation SET state = 'confirmed', {taken} WHERE state = 'withdrawn'"
        " AND EXISTS (SELECT 1 FROM evidence WHERE evidence.superseded_at IS NULL"
        " AND evidence.source = 'attestation:' || CAST(attestation.id AS TEXT))"
        f" AND {replaced.format(column='id')} IS NOT NULL"
    )


def downgrade() -> None:
    # A version before this one asks the attestation itself.
    op.execute("UPDATE appeal SET judged_by_id = NULL WHERE kind = 'dispute'")
    with op.batch_alter_table("appeal") as table:
        table.drop_constraint(op.f("fk_appeal_judged_by_id_account"), type_="foreignkey")
        table.alter_column("judged_by_id", new_column_name="refused_by_id", existing_type=sa.Integer())
    with op.batch_alter_table("appeal") as table:
        table.create_foreign_key(op.f("fk_appeal_refused_by_id_account"), "account", ["refused_by_id"], ["id"])
