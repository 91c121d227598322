"""Files that no row names, with when they were found; the column of drafts that names one is called like the others."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("notebook_draft") as table:
        table.alter_column("release", new_column_name="release_sha256")
    op.create_table(
        "unnamed_file",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_unnamed_file")),
    )


def downgrade() -> None:
    op.drop_table("unnamed_file")
    with op.batch_alter_table("notebook_draft") as table:
        table.alter_column("release_sha256", new_column_name="release")
