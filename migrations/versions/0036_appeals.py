"""Disputed evidence and complaints, with what was decided."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

KINDS = ("dispute", "complaint")
STATES = ("waiting", "decided", "in_review", "closed")
OUTCOMES = ("upheld", "refused")
REMEDIES = ("nothing", "withdrawn", "replaced", "marked_anew")


def upgrade() -> None:
    op.add_column("evidence", sa.Column("disputed_at", sa.DateTime(timezone=True)))
    op.create_table(
        "appeal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("trainee_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Enum(*KINDS, native_enum=False, length=20), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("part", sa.String(length=80), nullable=False),
        sa.Column("competency", sa.String(length=8), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Enum(*STATES, native_enum=False, length=20), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("review_text", sa.Text(), nullable=False),
        sa.Column("review_asked_at", sa.DateTime(timezone=True)),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_appeal_academy_id_academy")),
        sa.ForeignKeyConstraint(["trainee_id"], ["account.id"], name=op.f("fk_appeal_trainee_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
    )
    op.create_index("ix_appeal_academy_state", "appeal", ["academy_id", "state", "due_at"])
    op.create_index(op.f("ix_appeal_trainee_id"), "appeal", ["trainee_id"])
    op.create_table(
        "appeal_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appeal_id", sa.Integer(), nullable=False),
        sa.Column("is_review", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.Enum(*OUTCOMES, native_enum=False, length=20), nullable=False),
        sa.Column("remedy", sa.Enum(*REMEDIES, native_enum=False, length=20), nullable=False),
        sa.Column("value", sa.Double()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["appeal_id"], ["appeal.id"], name=op.f("fk_appeal_decision_appeal_id_appeal"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["account.id"], name=op.f("fk_appeal_decision_decided_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_decision")),
        sa.UniqueConstraint("appeal_id", "is_review", name=op.f("uq_appeal_decision_appeal_id_is_review")),
    )


def downgrade() -> None:
    op.drop_table("appeal_decision")
    op.drop_table("appeal")
    with op.batch_alter_table("evidence") as table:
        table.drop_column("disputed_at")
