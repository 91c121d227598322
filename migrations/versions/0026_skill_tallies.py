"""The sums that estimates follow from, kept; filled in at the next start."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "skill_tally",
        sa.Column("trainee_id", sa.Integer(), nullable=False),
        sa.Column("competency", sa.String(8), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("successes", sa.Double(), nullable=False),
        sa.Column("failures", sa.Double(), nullable=False),
        sa.Column("first_level_successes", sa.Double(), nullable=False),
        sa.Column("first_level_failures", sa.Double(), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("kinds", sa.String(120), nullable=False),
        sa.Column("method", sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(["trainee_id"], ["account.id"], name="fk_skill_tally_trainee_id_account"),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name="fk_skill_tally_academy_id_academy"),
        sa.PrimaryKeyConstraint("trainee_id", "competency", name="pk_skill_tally"),
    )
    op.create_index("ix_skill_tally_competency_academy", "skill_tally", ["competency", "academy_id"])
    op.drop_index("ix_evidence_trainee_id", table_name="evidence")
    op.drop_index("ix_evidence_academy_id", table_name="evidence")
    op.create_index("ix_evidence_trainee_competency", "evidence", ["trainee_id", "competency"])


def downgrade() -> None:
    op.drop_index("ix_evidence_trainee_competency", table_name="evidence")
    op.create_index("ix_evidence_trainee_id", "evidence", ["trainee_id"])
    op.create_index("ix_evidence_academy_id", "evidence", ["academy_id"])
    op.drop_index("ix_skill_tally_competency_academy", table_name="skill_tally")
    op.drop_table("skill_tally")
