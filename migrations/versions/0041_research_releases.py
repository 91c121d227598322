"""Releases for research: who made which, why, for whom, and what it spent of the privacy budget."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "research_release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("purpose", sa.String(length=500), nullable=False),
        sa.Column("recipient", sa.String(length=200), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("suppressed", sa.Integer(), nullable=False),
        sa.Column("smallest_class", sa.Integer(), nullable=False),
        sa.Column("diversity", sa.Integer(), nullable=False),
        sa.Column("epsilon", sa.Double(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_research_release_academy_id_academy")),
        sa.ForeignKeyConstraint(["made_by_id"], ["account.id"], name=op.f("fk_research_release_made_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_research_release")),
    )
    op.create_index(op.f("ix_research_release_academy_id"), "research_release", ["academy_id"])


def downgrade() -> None:
    op.drop_table("research_release")
