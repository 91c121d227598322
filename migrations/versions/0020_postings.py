"""Where a person works is a history of postings, no longer a column of the account."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "posting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("department", sa.String(length=120), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.Column("district", sa.String(length=80), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_posting_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posting")),
    )
    op.create_index(op.f("ix_posting_account_id"), "posting", ["account_id"])
    op.create_index(
        "uq_posting_present",
        "posting",
        ["account_id"],
        unique=True,
        sqlite_where=sa.text("ends_on IS NULL"),
        postgresql_where=sa.text("ends_on IS NULL"),
    )
    op.execute(
        "INSERT INTO posting (account_id, department, district) "
        "SELECT id, department, '' FROM account WHERE department <> ''"
    )
    with op.batch_alter_table("account") as account:
        account.drop_column("department")


def downgrade() -> None:
    with op.batch_alter_table("account") as account:
        account.add_column(sa.Column("department", sa.String(length=120), nullable=False, server_default=""))
    op.execute(
        "UPDATE account SET department = COALESCE("
        "(SELECT department FROM posting WHERE posting.account_id = account.id AND posting.ends_on IS NULL), '')"
    )
    with op.batch_alter_table("account") as account:
        account.alter_column("department", existing_type=sa.String(length=120), server_default=None)
    op.drop_table("posting")
