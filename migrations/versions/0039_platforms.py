"""Learning platforms (LTI 1.3), who comes from there, and scores that go back; jobs that are put off."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job", sa.Column("not_before", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "lti_platform",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("client_id", sa.String(length=255), nullable=False),
        sa.Column("deployment_ids", sa.JSON(), nullable=False),
        sa.Column("login_address", sa.String(length=500), nullable=False),
        sa.Column("token_address", sa.String(length=500), nullable=False),
        sa.Column("keys_address", sa.String(length=500), nullable=False),
        sa.Column("site", sa.String(length=300), nullable=False),
        sa.Column("makes_accounts", sa.Boolean(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_lti_platform_academy_id_academy")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_platform")),
        sa.UniqueConstraint(
            "academy_id", "issuer", "client_id", name=op.f("uq_lti_platform_academy_id_issuer_client_id")
        ),
    )
    op.create_table(
        "lti_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("thumbprint", sa.String(length=60), nullable=False),
        sa.Column("public", sa.JSON(), nullable=False),
        sa.Column("sealed_private", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_lti_key_academy_id_academy")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_key")),
        sa.UniqueConstraint("thumbprint", name=op.f("uq_lti_key_thumbprint")),
    )
    op.create_index(op.f("ix_lti_key_academy_id"), "lti_key", ["academy_id"])
    op.create_table(
        "lti_launch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform_id", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("handle_hash", sa.String(length=64), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=False),
        sa.Column("message", sa.JSON(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["platform_id"], ["lti_platform.id"], name=op.f("fk_lti_launch_platform_id_lti_platform")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_launch")),
        sa.UniqueConstraint("platform_id", "nonce", name=op.f("uq_lti_launch_platform_id_nonce")),
        sa.UniqueConstraint("handle_hash", name=op.f("uq_lti_launch_handle_hash")),
    )
    op.create_index(op.f("ix_lti_launch_received_at"), "lti_launch", ["received_at"])
    op.create_table(
        "lti_person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["platform_id"], ["lti_platform.id"], name=op.f("fk_lti_person_platform_id_lti_platform")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_lti_person_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_person")),
        sa.UniqueConstraint("platform_id", "subject", name=op.f("uq_lti_person_platform_id_subject")),
        sa.UniqueConstraint("platform_id", "account_id", name=op.f("uq_lti_person_platform_id_account_id")),
    )
    op.create_index(op.f("ix_lti_person_account_id"), "lti_person", ["account_id"])
    op.create_table(
        "lti_course",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform_id", sa.Integer(), nullable=False),
        sa.Column("context", sa.String(length=255), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("module_id", sa.String(length=80), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["platform_id"], ["lti_platform.id"], name=op.f("fk_lti_course_platform_id_lti_platform")
        ),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_lti_course_cohort_id_cohort")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_course")),
        sa.UniqueConstraint(
            "platform_id", "context", "module_id", name=op.f("uq_lti_course_platform_id_context_module_id")
        ),
    )
    op.create_index(op.f("ix_lti_course_cohort_id"), "lti_course", ["cohort_id"])
    op.create_table(
        "lti_score",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("platform_id", sa.Integer(), nullable=False),
        sa.Column("trainee_id", sa.Integer(), nullable=False),
        sa.Column("line_item", sa.String(length=1000), nullable=False),
        sa.Column("module_id", sa.String(length=80), nullable=False),
        sa.Column("activity_id", sa.String(length=80), nullable=False),
        sa.Column("exercise_id", sa.Integer(), nullable=True),
        sa.Column("points", sa.Double(), nullable=True),
        sa.Column("max_points", sa.Double(), nullable=True),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(length=300), nullable=False),
        sa.Column("launched_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_lti_score_academy_id_academy")),
        sa.ForeignKeyConstraint(
            ["platform_id"], ["lti_platform.id"], name=op.f("fk_lti_score_platform_id_lti_platform")
        ),
        sa.ForeignKeyConstraint(["trainee_id"], ["account.id"], name=op.f("fk_lti_score_trainee_id_account")),
        sa.ForeignKeyConstraint(
            ["exercise_id"], ["simulation_exercise.id"], name=op.f("fk_lti_score_exercise_id_simulation_exercise")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_score")),
        sa.UniqueConstraint(
            "platform_id", "line_item", "trainee_id", name=op.f("uq_lti_score_platform_id_line_item_trainee_id")
        ),
    )
    op.create_index(op.f("ix_lti_score_academy_id"), "lti_score", ["academy_id"])
    op.create_index(op.f("ix_lti_score_trainee_id"), "lti_score", ["trainee_id"])


def downgrade() -> None:
    for table in ("lti_score", "lti_course", "lti_person", "lti_launch", "lti_key", "lti_platform"):
        op.drop_table(table)
    # A former version knows no such work.
    op.execute("DELETE FROM job WHERE kind = 'send_score'")
    with op.batch_alter_table("job") as table:
        table.drop_column("not_before")
