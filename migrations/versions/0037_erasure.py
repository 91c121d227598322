"""Requests for erasure, and tombstones of who was erased."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

GROUNDS = ("not_needed", "consent_withdrawn", "unlawful", "duty")
OPEN = sa.text("decided_at IS NULL AND withdrawn_at IS NULL")


def upgrade() -> None:
    op.add_column("account", sa.Column("erased_at", sa.DateTime(timezone=True)))
    op.create_table(
        "erasure_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decided_by_id", sa.Integer()),
        sa.Column("is_granted", sa.Boolean()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_erasure_request_academy_id_academy")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_erasure_request_account_id_account")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["account.id"], name=op.f("fk_erasure_request_decided_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure_request")),
    )
    op.create_index(op.f("ix_erasure_request_academy_id"), "erasure_request", ["academy_id"])
    op.create_index(op.f("ix_erasure_request_account_id"), "erasure_request", ["account_id"])
    op.create_index(
        "uq_erasure_request_open",
        "erasure_request",
        ["account_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_table(
        "tombstone",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("id_sha256", sa.String(length=64), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ground", sa.Enum(*GROUNDS, native_enum=False, length=20), nullable=False),
        sa.Column("keeps_credentials", sa.Boolean(), nullable=False),
        sa.Column("went", sa.JSON(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("files_removed_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_tombstone_academy_id_academy")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_tombstone_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tombstone")),
        sa.UniqueConstraint("account_id", name=op.f("uq_tombstone_account_id")),
        sa.UniqueConstraint("id_sha256", name=op.f("uq_tombstone_id_sha256")),
    )
    op.create_index(op.f("ix_tombstone_academy_id"), "tombstone", ["academy_id"])


def downgrade() -> None:
    op.drop_table("tombstone")
    op.drop_table("erasure_request")
    with op.batch_alter_table("account") as table:
        table.drop_column("erased_at")
