"""How far the people of an academy agree who mark alike, and which evidence a person marked."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

# Marked by a person: the newest mark of the cell that was there when the evidence became known gave points.
MARKED_CELL = """
    EXISTS (
        SELECT 1 FROM submission JOIN cell_mark ON cell_mark.submission_id = submission.id
        WHERE submission.id = CAST(substr(evidence.source, 12) AS INTEGER) AND cell_mark.cell = evidence.part
        AND submission.academy_id = marking_scheme.academy_id
        AND marking_scheme.name = submission.module_id || '/' || submission.activity_id
        AND cell_mark.points IS NOT NULL AND cell_mark.marked_at <= evidence.recorded_at
        AND NOT EXISTS (
            SELECT 1 FROM cell_mark AS later WHERE later.submission_id = cell_mark.submission_id
            AND later.cell = cell_mark.cell AND later.number > cell_mark.number
            AND later.marked_at <= evidence.recorded_at
        )
    )
"""


def upgrade() -> None:
    op.create_table(
        "marking_scheme",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=170), nullable=False),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_marking_scheme_academy_id_academy")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marking_scheme")),
        sa.UniqueConstraint("academy_id", "name", name=op.f("uq_marking_scheme_academy_id_name")),
    )
    op.create_table(
        "scheme_reliability",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scheme_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pairs", sa.Integer(), nullable=False),
        sa.Column("agreement", sa.Double(), nullable=True),
        sa.Column("reliability", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scheme_id"], ["marking_scheme.id"], name=op.f("fk_scheme_reliability_scheme_id_marking_scheme")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheme_reliability")),
    )
    op.create_index(op.f("ix_scheme_reliability_scheme_id"), "scheme_reliability", ["scheme_id"])
    with op.batch_alter_table("evidence") as table:
        table.add_column(sa.Column("scheme_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_evidence_scheme_id_marking_scheme"), "marking_scheme", ["scheme_id"], ["id"])
        table.create_index(op.f("ix_evidence_scheme_id"), ["scheme_id"])
    op.execute(
        "INSERT INTO marking_scheme (academy_id, name) SELECT DISTINCT submission.academy_id,"
        " submission.module_id || '/' || submission.activity_id"
        " FROM submission JOIN cell_mark ON cell_mark.submission_id = submission.id"
    )
    op.execute(
        "INSERT INTO marking_scheme (academy_id, name) SELECT DISTINCT simulation_run.academy_id, 'memo'"
        " FROM simulation_run JOIN memo ON memo.run_id = simulation_run.id JOIN memo_mark ON memo_mark.memo_id = memo.id"
    )
    op.execute(
        f"UPDATE evidence SET scheme_id = (SELECT marking_scheme.id FROM marking_scheme WHERE {MARKED_CELL})"
        " WHERE kind = 'notebook_cell'"
    )
    op.execute(
        "UPDATE evidence SET scheme_id = (SELECT marking_scheme.id FROM marking_scheme JOIN simulation_run"
        " ON simulation_run.academy_id = marking_scheme.academy_id WHERE marking_scheme.name = 'memo'"
        " AND simulation_run.id = CAST(substr(evidence.source, 5) AS INTEGER))"
        " WHERE kind = 'written_product'"
    )


def downgrade() -> None:
    with op.batch_alter_table("evidence") as table:
        table.drop_index(op.f("ix_evidence_scheme_id"))
        table.drop_constraint(op.f("fk_evidence_scheme_id_marking_scheme"), type_="foreignkey")
        table.drop_column("scheme_id")
    op.drop_table("scheme_reliability")
    op.drop_table("marking_scheme")
