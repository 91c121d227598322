"""Courses finished elsewhere, and files that bring several."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "completion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("trainee_id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("completed_on", sa.Date(), nullable=False),
        sa.Column("link", sa.String(length=500), nullable=False),
        sa.Column("competency", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reported_by_id", sa.Integer(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_completion_academy_id_academy")),
        sa.ForeignKeyConstraint(["trainee_id"], ["account.id"], name=op.f("fk_completion_trainee_id_account")),
        sa.ForeignKeyConstraint(["reported_by_id"], ["account.id"], name=op.f("fk_completion_reported_by_id_account")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["account.id"], name=op.f("fk_completion_decided_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_completion")),
    )
    op.create_index("ix_completion_academy_state", "completion", ["academy_id", "state", "id"])
    op.create_index(op.f("ix_completion_trainee_id"), "completion", ["trainee_id"])
    op.create_table(
        "completion_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_completion_import_academy_id_academy")),
        sa.ForeignKeyConstraint(["made_by_id"], ["account.id"], name=op.f("fk_completion_import_made_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_completion_import")),
    )
    op.create_index(op.f("ix_completion_import_academy_id"), "completion_import", ["academy_id"])


def downgrade() -> None:
    op.execute("DELETE FROM evidence WHERE kind = 'external_course'")
    op.drop_table("completion_import")
    op.drop_table("completion")
