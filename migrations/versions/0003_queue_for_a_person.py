"""Jobs belong to an academy and can be tried again; workers report that they are alive."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "worker",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker")),
    )
    with op.batch_alter_table("job") as table:
        table.add_column(sa.Column("academy_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("attempt", sa.Integer(), server_default="1", nullable=False))
    job = sa.table("job", sa.column("kind"), sa.column("thing_id"), sa.column("academy_id"))
    for kind, name in (("grade_submission", "submission"), ("score_run", "simulation_run")):
        owner = sa.table(name, sa.column("id"), sa.column("academy_id"))
        academy = sa.select(owner.c.academy_id).where(owner.c.id == job.c.thing_id).scalar_subquery()
        op.execute(job.update().where(job.c.kind == kind).values(academy_id=academy))
    op.execute("DELETE FROM job WHERE academy_id IS NULL")
    with op.batch_alter_table("job") as table:
        table.alter_column("academy_id", existing_type=sa.Integer(), nullable=False)
        table.alter_column("attempt", existing_type=sa.Integer(), server_default=None)
        table.create_foreign_key(op.f("fk_job_academy_id_academy"), "academy", ["academy_id"], ["id"])
        table.create_index(op.f("ix_job_academy_id"), ["academy_id"])


def downgrade() -> None:
    with op.batch_alter_table("job") as table:
        table.drop_index(op.f("ix_job_academy_id"))
        table.drop_constraint(op.f("fk_job_academy_id_academy"), type_="foreignkey")
        table.drop_column("attempt")
        table.drop_column("academy_id")
    op.drop_table("worker")
