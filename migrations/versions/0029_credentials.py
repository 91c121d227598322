"""Credentials that academies sign, the keys that sign them, and corrected names."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

IN_FORCE = sa.text("revoked_at IS NULL AND superseded_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "signing_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("thumbprint", sa.String(length=60), nullable=False),
        sa.Column("public", sa.JSON(), nullable=False),
        sa.Column("sealed_private", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_signing_key_academy_id_academy")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_key")),
        sa.UniqueConstraint("thumbprint", name=op.f("uq_signing_key_thumbprint")),
    )
    op.create_index(op.f("ix_signing_key_academy_id"), "signing_key", ["academy_id"])
    op.create_table(
        "credential",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("trainee_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("achievement", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("full_name", sa.String(length=120), nullable=False),
        sa.Column("signed", sa.Text(), nullable=False),
        sa.Column("status_list", sa.Integer(), nullable=False),
        sa.Column("status_index", sa.Integer(), nullable=False),
        sa.Column("awarded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaces", sa.String(length=20), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by_id", sa.Integer(), nullable=True),
        sa.Column("revocation_reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_credential_academy_id_academy")),
        sa.ForeignKeyConstraint(["trainee_id"], ["account.id"], name=op.f("fk_credential_trainee_id_account")),
        sa.ForeignKeyConstraint(["revoked_by_id"], ["account.id"], name=op.f("fk_credential_revoked_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential")),
        sa.UniqueConstraint("code", name=op.f("uq_credential_code")),
        sa.UniqueConstraint(
            "academy_id", "status_list", "status_index", name=op.f("uq_credential_academy_id_status_list_status_index")
        ),
    )
    op.create_index(op.f("ix_credential_trainee_id"), "credential", ["trainee_id"])
    op.create_index(
        "uq_credential_in_force",
        "credential",
        ["trainee_id", "achievement"],
        unique=True,
        sqlite_where=IN_FORCE,
        postgresql_where=IN_FORCE,
    )
    op.create_table(
        "name_correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("former", sa.String(length=120), nullable=False),
        sa.Column("present", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("corrected_by_id", sa.Integer(), nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_name_correction_academy_id_academy")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_name_correction_account_id_account")),
        sa.ForeignKeyConstraint(
            ["corrected_by_id"], ["account.id"], name=op.f("fk_name_correction_corrected_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_name_correction")),
    )
    op.create_index(op.f("ix_name_correction_account_id"), "name_correction", ["account_id"])


def downgrade() -> None:
    op.drop_table("name_correction")
    op.drop_table("credential")
    op.drop_table("signing_key")
