"""Refusals of evidence that trainees dispute, and notices that the portal itself gives."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("appeal") as table:
        table.add_column(sa.Column("refused_by_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_appeal_refused_by_id_account"), "account", ["refused_by_id"], ["id"])
    # A decision on a dispute gives its reason at more length.
    with op.batch_alter_table("completion") as table:
        table.alter_column("reason", existing_type=sa.String(length=300), type_=sa.Text(), existing_nullable=False)
    with op.batch_alter_table("notice") as table:
        table.alter_column("sender_id", existing_type=sa.Integer(), nullable=True)


def downgrade() -> None:
    op.execute(
        "DELETE FROM job WHERE kind = 'send_notice' AND thing_id IN (SELECT id FROM notice WHERE sender_id IS NULL)"
    )
    op.execute("DELETE FROM notice WHERE sender_id IS NULL")
    with op.batch_alter_table("notice") as table:
        table.alter_column("sender_id", existing_type=sa.Integer(), nullable=False)
    op.execute("UPDATE completion SET reason = substr(reason, 1, 300)")
    with op.batch_alter_table("completion") as table:
        table.alter_column("reason", existing_type=sa.Text(), type_=sa.String(length=300), existing_nullable=False)
    # A version before this one knows no such disputes.
    refusals = "(SELECT id FROM appeal WHERE kind = 'refusal')"
    op.execute(f"DELETE FROM appeal_decision WHERE appeal_id IN {refusals}")
    op.execute("DELETE FROM appeal WHERE kind = 'refusal'")
    with op.batch_alter_table("appeal") as table:
        table.drop_constraint(op.f("fk_appeal_refused_by_id_account"), type_="foreignkey")
        table.drop_column("refused_by_id")
