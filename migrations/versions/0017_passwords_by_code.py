"""Codes for a new password, and how many passwords an account has had."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ENDINGS = ("used", "replaced", "guessed_at", "no_longer_needed")


def upgrade() -> None:
    with op.batch_alter_table("account") as account:
        account.add_column(sa.Column("password_number", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("account") as account:
        account.alter_column("password_number", existing_type=sa.Integer(), server_default=None)
    op.create_table(
        "password_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("issued_by_id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.String(length=200), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wrong_tries", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ending", sa.Enum(*ENDINGS, native_enum=False, length=20), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_password_code_account_id_account")),
        sa.ForeignKeyConstraint(["issued_by_id"], ["account.id"], name=op.f("fk_password_code_issued_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_code")),
    )
    op.create_index("ix_password_code_account", "password_code", ["account_id", "id"])


def downgrade() -> None:
    op.drop_table("password_code")
    with op.batch_alter_table("account") as account:
        account.drop_column("password_number")
