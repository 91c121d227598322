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
# A request that only a moved mark came after reads as answered, though nobody answered it.
REQUESTS = """
UPDATE regrade_request SET mark_seen = (
    SELECT max(moved.number) FROM cell_mark AS moved
    WHERE moved.submission_id = regrade_request.submission_id AND moved.cell = regrade_request.cell
)
WHERE EXISTS (
    SELECT 1 FROM cell_mark AS later
    WHERE later.submission_id = regrade_request.submission_id AND later.cell = regrade_request.cell
      AND later.number > regrade_request.mark_seen
) AND NOT EXISTS (
    SELECT 1 FROM cell_mark AS given
    WHERE given.submission_id = regrade_request.submission_id AND given.cell = regrade_request.cell
      AND given.number > regrade_request.mark_seen AND given.regrade_id IS NULL
)
"""


def upgrade() -> None:
    with op.batch_alter_table("cell_mark") as table:
        table.add_column(sa.Column("regrade_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_cell_mark_regrade_id_regrade"), "regrade", ["regrade_id"], ["id"])
    op.execute(MOVED)
    op.execute(MARKERS)
    op.execute(REQUESTS)


def downgrade() -> None:
    with op.batch_alter_table("cell_mark") as table:
        table.drop_constraint(op.f("fk_cell_mark_regrade_id_regrade"), type_="foreignkey")
        table.drop_column("regrade_id")
