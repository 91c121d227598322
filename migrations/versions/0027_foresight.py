"""Skills foresight: versions of figures and scenarios, and the studies made of them."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "foresight_data",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("ignored", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_foresight_data_academy_id_academy")),
        sa.ForeignKeyConstraint(["made_by_id"], ["account.id"], name=op.f("fk_foresight_data_made_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_foresight_data")),
        sa.UniqueConstraint("academy_id", "number", name=op.f("uq_foresight_data_academy_id_number")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_foresight_data_academy_id"), "foresight_data", ["academy_id"])
    op.create_table(
        "foresight_scenario",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_foresight_scenario_academy_id_academy")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_foresight_scenario")),
    )
    op.create_index(op.f("ix_foresight_scenario_academy_id"), "foresight_scenario", ["academy_id"])
    op.create_table(
        "foresight_scenario_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["scenario_id"],
            ["foresight_scenario.id"],
            name=op.f("fk_foresight_scenario_version_scenario_id_foresight_scenario"),
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["account.id"], name=op.f("fk_foresight_scenario_version_made_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_foresight_scenario_version")),
        sa.UniqueConstraint("scenario_id", "number", name=op.f("uq_foresight_scenario_version_scenario_id_number")),
    )
    op.create_index(op.f("ix_foresight_scenario_version_scenario_id"), "foresight_scenario_version", ["scenario_id"])
    op.create_table(
        "foresight_study",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("data_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("supply", sa.JSON(), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_foresight_study_academy_id_academy")),
        sa.ForeignKeyConstraint(
            ["data_id"], ["foresight_data.id"], name=op.f("fk_foresight_study_data_id_foresight_data")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["foresight_scenario_version.id"],
            name=op.f("fk_foresight_study_version_id_foresight_scenario_version"),
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["account.id"], name=op.f("fk_foresight_study_asked_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_foresight_study")),
    )
    op.create_index(op.f("ix_foresight_study_academy_id"), "foresight_study", ["academy_id"])


def downgrade() -> None:
    op.drop_table("foresight_study")
    op.drop_table("foresight_scenario_version")
    op.drop_table("foresight_scenario")
    op.drop_table("foresight_data")
