"""Records of single persons that administrators opened, for which purpose and with which reason."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "record_opening",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("trainee_id", sa.Integer(), nullable=False),
        sa.Column("opened_by_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("shows_work", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_record_opening_academy_id_academy")),
        sa.ForeignKeyConstraint(["trainee_id"], ["account.id"], name=op.f("fk_record_opening_trainee_id_account")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["account.id"], name=op.f("fk_record_opening_opened_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_opening")),
    )
    op.create_index(op.f("ix_record_opening_trainee_id"), "record_opening", ["trainee_id"])
    op.create_index("ix_record_opening_opened_by_id_ends_at", "record_opening", ["opened_by_id", "ends_at"])


def downgrade() -> None:
    op.drop_table("record_opening")
