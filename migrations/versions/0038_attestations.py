"""What supervisors saw at work, and letters with the links for it that wait to be sent."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attestation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("trainee_id", sa.Integer(), nullable=False),
        sa.Column("competency", sa.String(length=8), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("shared", sa.String(length=60), nullable=False),
        sa.Column("supervisor_name", sa.String(length=200), nullable=False),
        sa.Column("supervisor_office", sa.String(length=200), nullable=False),
        sa.Column("supervisor_address", sa.String(length=254), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen", sa.String(length=20), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("attester_name", sa.String(length=200), nullable=False),
        sa.Column("attester_designation", sa.String(length=200), nullable=False),
        sa.Column("may_be_asked", sa.Boolean(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_attestation_academy_id_academy")),
        sa.ForeignKeyConstraint(["trainee_id"], ["account.id"], name=op.f("fk_attestation_trainee_id_account")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["account.id"], name=op.f("fk_attestation_decided_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attestation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_attestation_token_hash")),
    )
    op.create_index("ix_attestation_academy_state", "attestation", ["academy_id", "state", "id"])
    op.create_index(op.f("ix_attestation_trainee_id"), "attestation", ["trainee_id"])
    op.create_table(
        "attestation_letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attestation_id", sa.Integer(), nullable=False),
        sa.Column("trainee_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("sealed_text", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["attestation_id"], ["attestation.id"], name=op.f("fk_attestation_letter_attestation_id_attestation")
        ),
        sa.ForeignKeyConstraint(["trainee_id"], ["account.id"], name=op.f("fk_attestation_letter_trainee_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attestation_letter")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_attestation_letter_attestation_id"), "attestation_letter", ["attestation_id"])
    op.create_index(op.f("ix_attestation_letter_trainee_id"), "attestation_letter", ["trainee_id"])


def downgrade() -> None:
    op.execute("DELETE FROM evidence WHERE kind = 'attestation'")
    op.execute("DELETE FROM job WHERE kind = 'send_attestation_letter'")
    op.drop_table("attestation_letter")
    op.drop_table("attestation")
