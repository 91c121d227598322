"""What a content pack held when an academy wrote its own version of a lab, and the way back to the pack."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

CHOICES = ("began", "kept", "taken", "returned")
ADDED = (("lab_check", "is_of_pack"), ("lab_publication", "follows_pack"))


def upgrade() -> None:
    for name, column in ADDED:
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column(column, sa.Boolean(), nullable=False, server_default=sa.false()))
        with op.batch_alter_table(name) as table:
            table.alter_column(column, existing_type=sa.Boolean(), server_default=None)
    op.create_table(
        "lab_pack_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("module_id", sa.String(length=80), nullable=False),
        sa.Column("activity_id", sa.String(length=80), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("choice", sa.Enum(*CHOICES, native_enum=False, length=20), nullable=False),
        sa.Column("noted_by", sa.Integer(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_lab_pack_note_academy_id_academy")),
        sa.ForeignKeyConstraint(["noted_by"], ["account.id"], name=op.f("fk_lab_pack_note_noted_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lab_pack_note")),
    )
    op.create_index("ix_lab_pack_note_lab", "lab_pack_note", ["academy_id", "module_id", "activity_id", "id"])


def downgrade() -> None:
    op.drop_table("lab_pack_note")
    for name, column in ADDED:
        with op.batch_alter_table(name) as table:
            table.drop_column(column)
