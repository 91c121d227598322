"""Hints and rubrics that instructors write, checked and published together with the source of their lab."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

TABLES = ("lab_check", "lab_publication")


def upgrade() -> None:
    op.create_table(
        "lab_words",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("module_id", sa.String(length=80), nullable=False),
        sa.Column("activity_id", sa.String(length=80), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_lab_words_academy_id_academy")),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_lab_words_author_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lab_words")),
    )
    op.create_index("ix_lab_words_lab", "lab_words", ["academy_id", "module_id", "activity_id", "id"])
    for name in TABLES:
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("words_sha256", sa.String(length=64), nullable=True))


def downgrade() -> None:
    for name in TABLES:
        with op.batch_alter_table(name) as table:
            table.drop_column("words_sha256")
    op.drop_table("lab_words")
