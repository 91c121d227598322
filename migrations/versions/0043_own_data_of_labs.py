"""Data files that academies bring into labs, checked and published together with their source."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

TABLES = ("lab_check", "lab_publication")


def upgrade() -> None:
    op.create_table(
        "lab_data",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("module_id", sa.String(length=80), nullable=False),
        sa.Column("activity_id", sa.String(length=80), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_lab_data_academy_id_academy")),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_lab_data_author_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lab_data")),
    )
    op.create_index("ix_lab_data_lab", "lab_data", ["academy_id", "module_id", "activity_id", "id"])
    op.create_table(
        "lab_data_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("data_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("packed_sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sent_bytes", sa.Integer(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("assurance", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(["data_id"], ["lab_data.id"], name=op.f("fk_lab_data_file_data_id_lab_data")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lab_data_file")),
        sa.UniqueConstraint("data_id", "name", name=op.f("uq_lab_data_file_data_id_name")),
    )
    for name in TABLES:
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("data_id", sa.Integer(), nullable=True))
            table.create_foreign_key(op.f(f"fk_{name}_data_id_lab_data"), "lab_data", ["data_id"], ["id"])


def downgrade() -> None:
    for name in TABLES:
        with op.batch_alter_table(name) as table:
            table.drop_constraint(op.f(f"fk_{name}_data_id_lab_data"), type_="foreignkey")
            table.drop_column("data_id")
    op.drop_table("lab_data_file")
    op.drop_table("lab_data")
