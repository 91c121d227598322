"""Notices to trainees, and where they want them by e-mail."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("trainee_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("sender_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("mail_footer", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_notice_academy_id_academy")),
        sa.ForeignKeyConstraint(["trainee_id"], ["account.id"], name=op.f("fk_notice_trainee_id_account")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_notice_cohort_id_cohort")),
        sa.ForeignKeyConstraint(["sender_id"], ["account.id"], name=op.f("fk_notice_sender_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index(op.f("ix_notice_academy_id"), "notice", ["academy_id"])
    op.create_index(op.f("ix_notice_trainee_id"), "notice", ["trainee_id"])
    op.create_index("ix_notice_cohort_id_trainee_id_sent_at", "notice", ["cohort_id", "trainee_id", "sent_at"])
    op.create_table(
        "mail_address",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_mail_address_account_id_account")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_mail_address")),
    )


def downgrade() -> None:
    op.drop_table("mail_address")
    op.drop_table("notice")
