"""Consent by purpose, and the questions that a trainee asked of a lab's data."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("wording", sa.Integer(), nullable=False),
        sa.Column("is_given", sa.Boolean(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_consent_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index("ix_consent_account_purpose", "consent", ["account_id", "purpose", "id"])
    op.create_table(
        "notebook_inquiry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trainee_id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("module_id", sa.String(length=80), nullable=False),
        sa.Column("activity_id", sa.String(length=80), nullable=False),
        sa.Column("cell_hash", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("column_names", sa.String(length=1000), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["trainee_id"], ["account.id"], name=op.f("fk_notebook_inquiry_trainee_id_account")),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_notebook_inquiry_academy_id_academy")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notebook_inquiry")),
        sa.UniqueConstraint(
            "trainee_id",
            "module_id",
            "activity_id",
            "cell_hash",
            "kind",
            "column_names",
            name=op.f("uq_notebook_inquiry_trainee_id_module_id_activity_id_cell_hash_kind_column_names"),
        ),
    )
    op.create_index("ix_notebook_inquiry_asked_at", "notebook_inquiry", ["asked_at"])


def downgrade() -> None:
    op.drop_table("notebook_inquiry")
    op.drop_table("consent")
