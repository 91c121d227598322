"""Marks that persons give to cells; each is kept, the newest counts."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cell_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cell_grade_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("points", sa.Double(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("marker_id", sa.Integer(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["cell_grade_id"], ["cell_grade.id"], name=op.f("fk_cell_mark_cell_grade_id_cell_grade")
        ),
        sa.ForeignKeyConstraint(["marker_id"], ["account.id"], name=op.f("fk_cell_mark_marker_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cell_mark")),
        sa.UniqueConstraint("cell_grade_id", "number", name=op.f("uq_cell_mark_cell_grade_id_number")),
    )
    with op.batch_alter_table("cell_mark") as table:
        table.create_index(op.f("ix_cell_mark_cell_grade_id"), ["cell_grade_id"])
        table.create_index(op.f("ix_cell_mark_marker_id"), ["marker_id"])


def downgrade() -> None:
    op.drop_table("cell_mark")
