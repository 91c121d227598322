"""Labs that academies begin themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "own_lab",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("module_id", sa.String(length=80), nullable=False),
        sa.Column("activity_id", sa.String(length=80), nullable=False),
        sa.Column("data_of", sa.String(length=80), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("competencies", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("begun_by", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_own_lab_academy_id_academy")),
        sa.ForeignKeyConstraint(["begun_by"], ["account.id"], name=op.f("fk_own_lab_begun_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_lab")),
        sa.UniqueConstraint(
            "academy_id", "module_id", "activity_id", name=op.f("uq_own_lab_academy_id_module_id_activity_id")
        ),
    )


def downgrade() -> None:
    op.drop_table("own_lab")
