"""What was played on a device without a link and could not be taken over into its run."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "simulation_aside",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trainee_id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("module_id", sa.String(length=80), nullable=False),
        sa.Column("activity_id", sa.String(length=80), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("done", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["trainee_id"], ["account.id"], name=op.f("fk_simulation_aside_trainee_id_account")),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_simulation_aside_academy_id_academy")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["simulation_run.id"], name=op.f("fk_simulation_aside_run_id_simulation_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_simulation_aside")),
        sa.UniqueConstraint("trainee_id", "digest", name=op.f("uq_simulation_aside_trainee_id_digest")),
    )
    for column in ("trainee_id", "academy_id", "run_id"):
        op.create_index(op.f(f"ix_simulation_aside_{column}"), "simulation_aside", [column])


def downgrade() -> None:
    op.drop_table("simulation_aside")
