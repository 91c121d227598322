"""Surveys before and after a course; answers and who has answered in two tables that nothing joins."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "survey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("instrument", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_survey_academy_id_academy")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_survey_cohort_id_cohort")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey")),
        sa.UniqueConstraint("cohort_id", name=op.f("uq_survey_cohort_id")),
    )
    op.create_index("ix_survey_academy_id", "survey", ["academy_id"])
    op.create_table(
        "survey_wave",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=10), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("invited", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_survey_wave_survey_id_survey")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_wave")),
        sa.UniqueConstraint("survey_id", "name", name=op.f("uq_survey_wave_survey_id_name")),
    )
    op.create_table(
        "survey_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.String(length=400), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_survey_key_survey_id_survey")),
        sa.ForeignKeyConstraint(["made_by_id"], ["account.id"], name=op.f("fk_survey_key_made_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_key")),
        sa.UniqueConstraint("survey_id", name=op.f("uq_survey_key_survey_id")),
    )
    # Without SQLite's row numbers, which would keep the order in which the rows came.
    op.create_table(
        "survey_participation",
        sa.Column("wave_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("trainee_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["wave_id"], ["survey_wave.id"], name=op.f("fk_survey_participation_wave_id_survey_wave")
        ),
        sa.ForeignKeyConstraint(
            ["trainee_id"], ["account.id"], name=op.f("fk_survey_participation_trainee_id_account")
        ),
        sa.PrimaryKeyConstraint("wave_id", "trainee_id", name=op.f("pk_survey_participation")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "survey_response",
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=True),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["survey_wave.id"], name=op.f("fk_survey_response_wave_id_survey_wave")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_survey_response")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_survey_response_wave_id", "survey_response", ["wave_id"])


def downgrade() -> None:
    for table in ("survey_response", "survey_participation", "survey_key", "survey_wave", "survey"):
        op.drop_table(table)
