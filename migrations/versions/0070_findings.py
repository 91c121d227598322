"""What trainees say they found in a lab's data, and what it was when they closed the list."""

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notebook_findings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trainee_id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("module_id", sa.String(length=80), nullable=False),
        sa.Column("activity_id", sa.String(length=80), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("active_seconds", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["trainee_id"], ["account.id"], name=op.f("fk_notebook_findings_trainee_id_account")),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_notebook_findings_academy_id_academy")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notebook_findings")),
    )
    op.create_index("ix_notebook_findings_owner", "notebook_findings", ["trainee_id", "module_id", "activity_id"])
    op.create_index("ix_notebook_findings_begun_at", "notebook_findings", ["begun_at"])
    op.create_table(
        "notebook_claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("findings_id", sa.Integer(), nullable=False),
        sa.Column("claim", sa.String(length=200), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("truth", sa.String(length=60), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["findings_id"],
            ["notebook_findings.id"],
            name=op.f("fk_notebook_claim_findings_id_notebook_findings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notebook_claim")),
        sa.UniqueConstraint("findings_id", "claim", name=op.f("uq_notebook_claim_findings_id_claim")),
    )


def downgrade() -> None:
    op.drop_table("notebook_claim")
    op.drop_table("notebook_findings")
