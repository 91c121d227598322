"""What trainees ask about the points of a cell; each request is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "regrade_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cell_grade_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("mark_seen", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["cell_grade_id"], ["cell_grade.id"], name=op.f("fk_regrade_request_cell_grade_id_cell_grade")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regrade_request")),
        sa.UniqueConstraint("cell_grade_id", "number", name=op.f("uq_regrade_request_cell_grade_id_number")),
    )
    with op.batch_alter_table("regrade_request") as table:
        table.create_index(op.f("ix_regrade_request_cell_grade_id"), ["cell_grade_id"])


def downgrade() -> None:
    op.drop_table("regrade_request")
