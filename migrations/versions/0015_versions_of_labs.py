"""Sources of labs that instructors write, their checks through the grader, and what was published."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def lab_columns() -> list[sa.Column]:
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("module_id", sa.String(length=80), nullable=False),
        sa.Column("activity_id", sa.String(length=80), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
    ]


def references(table: str, person: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f(f"fk_{table}_academy_id_academy")),
        sa.ForeignKeyConstraint([person], ["account.id"], name=op.f(f"fk_{table}_{person}_account")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def upgrade() -> None:
    op.create_table(
        "lab_source",
        *lab_columns(),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("writer", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("aside", sa.Boolean(), nullable=False),
        *references("lab_source", "author_id"),
    )
    op.create_index("ix_lab_source_lab", "lab_source", ["academy_id", "module_id", "activity_id", "id"])
    op.create_table(
        "lab_check",
        *lab_columns(),
        sa.Column("lab_digest", sa.String(length=64), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_sound", sa.Boolean(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        *references("lab_check", "asked_by"),
    )
    op.create_index("ix_lab_check_lab", "lab_check", ["academy_id", "module_id", "activity_id", "id"])
    op.create_table(
        "lab_publication",
        *lab_columns(),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("check_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("published_by", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["check_id"], ["lab_check.id"], name=op.f("fk_lab_publication_check_id_lab_check")),
        *references("lab_publication", "published_by"),
        sa.UniqueConstraint(
            "academy_id",
            "module_id",
            "activity_id",
            "number",
            name=op.f("uq_lab_publication_academy_id_module_id_activity_id_number"),
        ),
    )


def downgrade() -> None:
    op.drop_table("lab_publication")
    op.drop_table("lab_check")
    op.drop_table("lab_source")
