"""Imports of people and their rows."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

OUTCOMES = ("new", "changed", "same", "wrong")


def upgrade() -> None:
    op.create_table(
        "people_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("gives_roles", sa.Boolean(), nullable=False),
        sa.Column("ignored", sa.JSON(), nullable=False),
        *(sa.Column(f"{outcome}_rows", sa.Integer(), nullable=False) for outcome in OUTCOMES),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_people_import_academy_id_academy")),
        sa.ForeignKeyConstraint(["made_by_id"], ["account.id"], name=op.f("fk_people_import_made_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_import")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_people_import_academy_id"), "people_import", ["academy_id"])
    op.create_table(
        "people_import_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=120), nullable=False),
        sa.Column("outcome", sa.Enum(*OUTCOMES, native_enum=False, length=10), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("given", "before", "after", "problems")),
        sa.ForeignKeyConstraint(
            ["import_id"], ["people_import.id"], name=op.f("fk_people_import_row_import_id_people_import")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_people_import_row_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_import_row")),
    )
    op.create_index("ix_people_import_row_import_outcome", "people_import_row", ["import_id", "outcome", "number"])
    op.create_index(op.f("ix_people_import_row_account_id"), "people_import_row", ["account_id"])


def downgrade() -> None:
    op.drop_table("people_import_row")
    op.drop_table("people_import")
