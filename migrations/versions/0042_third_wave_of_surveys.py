"""A cohort is asked a third time, by a plan; change is computed by a number of its own and no longer by the mark."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

# Of surveys that had ended, marks are already numbers that only say which answers belong together.
ENDED = """wave_id IN (
    SELECT survey_wave.id FROM survey_wave
    WHERE survey_wave.survey_id NOT IN (SELECT survey_id FROM survey_key)
    AND survey_wave.survey_id IN (SELECT survey_id FROM survey_wave WHERE name = 'after' AND closed_at IS NOT NULL)
)"""


def upgrade() -> None:
    op.add_column("survey", sa.Column("later_opens_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("survey", sa.Column("later_closes_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("survey_response", sa.Column("pair", sa.String(length=32), nullable=True))
    op.execute(f"UPDATE survey_response SET pair = mark, mark = NULL WHERE {ENDED}")


def downgrade() -> None:
    op.execute("DELETE FROM survey_participation WHERE wave_id IN (SELECT id FROM survey_wave WHERE name = 'later')")
    op.execute("DELETE FROM survey_response WHERE wave_id IN (SELECT id FROM survey_wave WHERE name = 'later')")
    op.execute("DELETE FROM survey_wave WHERE name = 'later'")
    op.execute(
        "DELETE FROM survey_key WHERE survey_id IN "
        "(SELECT survey_id FROM survey_wave WHERE name = 'after' AND closed_at IS NOT NULL)"
    )
    op.execute(f"UPDATE survey_response SET mark = pair WHERE {ENDED}")
    op.drop_column("survey_response", "pair")
    op.drop_column("survey", "later_closes_at")
    op.drop_column("survey", "later_opens_at")
