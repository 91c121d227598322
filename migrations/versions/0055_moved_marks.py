"""Marks that a re-grade moved name it, and keep the marker of the mark that they were made of."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

# Until now they told by their moment which re-grade had moved them, and named whoever applied that.
MOVED = """
UPDATE cell_mark SET regrade_id = (
    SELECT min(regrade.id) FROM regrade JOIN regrade_item ON regrade_item.regrade_id = regrade.id
    WHERE regrade_item.submission_id = cell_mark.submission_id AND regrade.applied_at = cell_mark.marked_at
)
"""
MARKERS = """
UPDATE cell_mark SET marker_id = (
    SELECT given.marker_id FROM cell_mark AS given
    WHERE given.submission_id = cell_mark.submission_id AND given.cell = cell_mark.cell
      AND given.number < cell_mark.number AND given.regrade_id IS NULL
    ORDER BY given.number DESC LIMIT 1
) WHERE regrade_id IS NOT NULL
"""


def upgrade() -> None:
    with op.batch_alter_table("cell_mark") as table:
        table.add_column(sa.Column("regrade_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_cell_mark_regrade_id_regrade"), "regrade", ["regrade_id"], ["id"])
    op.execute(MOVED)
    op.execute(MARKERS)


def downgrade() -> None:
    with op.batch_alter_table("cell_mark") as table:
        table.drop_constraint(op.f("fk_cell_mark_regrade_id_regrade"), type_="foreignkey")
        table.drop_column("regrade_id")
