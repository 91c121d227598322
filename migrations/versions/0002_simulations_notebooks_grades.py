"""Simulations, notebooks, grades."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notebook_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trainee_id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("module_id", sa.String(length=80), nullable=False),
        sa.Column("activity_id", sa.String(length=80), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_notebook_draft_academy_id_academy")),
        sa.ForeignKeyConstraint(["trainee_id"], ["account.id"], name=op.f("fk_notebook_draft_trainee_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notebook_draft")),
    )
    with op.batch_alter_table("notebook_draft", schema=None) as batch_op:
        batch_op.create_index("ix_notebook_draft_owner", ["trainee_id", "module_id", "activity_id", "id"], unique=False)

    op.create_table(
        "simulation_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trainee_id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("module_id", sa.String(length=80), nullable=False),
        sa.Column("activity_id", sa.String(length=80), nullable=False),
        sa.Column("scenario_id", sa.String(length=80), nullable=False),
        sa.Column("scenario_version", sa.String(length=40), nullable=False),
        sa.Column("scenario_digest", sa.String(length=64), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("outcome_score", sa.Double(), nullable=True),
        sa.Column("regrets", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("decision_score", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_simulation_run_academy_id_academy")),
        sa.ForeignKeyConstraint(["trainee_id"], ["account.id"], name=op.f("fk_simulation_run_trainee_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_simulation_run")),
    )
    with op.batch_alter_table("simulation_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_simulation_run_academy_id"), ["academy_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_simulation_run_trainee_id"), ["trainee_id"], unique=False)

    op.create_table(
        "submission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trainee_id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("module_id", sa.String(length=80), nullable=False),
        sa.Column("activity_id", sa.String(length=80), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("idempotency_key", sa.String(length=64), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_submission_academy_id_academy")),
        sa.ForeignKeyConstraint(["trainee_id"], ["account.id"], name=op.f("fk_submission_trainee_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("trainee_id", "idempotency_key", name=op.f("uq_submission_trainee_id_idempotency_key")),
        sa.UniqueConstraint(
            "trainee_id",
            "module_id",
            "activity_id",
            "attempt",
            name=op.f("uq_submission_trainee_id_module_id_activity_id_attempt"),
        ),
    )
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_submission_academy_id"), ["academy_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_submission_trainee_id"), ["trainee_id"], unique=False)

    op.create_table(
        "grade",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("problem", sa.JSON(), nullable=True),
        sa.Column("points", sa.Double(), nullable=False),
        sa.Column("max_points", sa.Double(), nullable=False),
        sa.Column("feedback_sha256", sa.String(length=64), nullable=True),
        sa.Column("autograded_sha256", sa.String(length=64), nullable=True),
        sa.Column("graded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_grade_submission_id_submission")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade")),
        sa.UniqueConstraint("submission_id", name=op.f("uq_grade_submission_id")),
    )
    op.create_table(
        "simulation_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["simulation_run.id"], name=op.f("fk_simulation_event_run_id_simulation_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_simulation_event")),
        sa.UniqueConstraint("run_id", "idempotency_key", name=op.f("uq_simulation_event_run_id_idempotency_key")),
        sa.UniqueConstraint("run_id", "sequence", name=op.f("uq_simulation_event_run_id_sequence")),
    )
    with op.batch_alter_table("simulation_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_simulation_event_run_id"), ["run_id"], unique=False)

    op.create_table(
        "cell_grade",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("grade_id", sa.Integer(), nullable=False),
        sa.Column("cell", sa.String(length=120), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("max_score", sa.Double(), nullable=False),
        sa.Column("needs_manual_grade", sa.Boolean(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["grade_id"], ["grade.id"], name=op.f("fk_cell_grade_grade_id_grade")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cell_grade")),
        sa.UniqueConstraint("grade_id", "cell", name=op.f("uq_cell_grade_grade_id_cell")),
    )
    with op.batch_alter_table("cell_grade", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cell_grade_grade_id"), ["grade_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("cell_grade", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cell_grade_grade_id"))

    op.drop_table("cell_grade")
    with op.batch_alter_table("simulation_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_simulation_event_run_id"))

    op.drop_table("simulation_event")
    op.drop_table("grade")
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submission_trainee_id"))
        batch_op.drop_index(batch_op.f("ix_submission_academy_id"))

    op.drop_table("submission")
    with op.batch_alter_table("simulation_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_simulation_run_trainee_id"))
        batch_op.drop_index(batch_op.f("ix_simulation_run_academy_id"))

    op.drop_table("simulation_run")
    with op.batch_alter_table("notebook_draft", schema=None) as batch_op:
        batch_op.drop_index("ix_notebook_draft_owner")

    op.drop_table("notebook_draft")
