"""Who teaches each cohort. Those who did something for one before there were instructors of cohorts are named for it."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

# Who marked what was handed in under a cohort, set it exercises, or made it, filled it or withdrew somebody from it.
FOUND = """
INSERT INTO cohort_instructor (cohort_id, instructor_id, named_by_id, named_at)
SELECT DISTINCT cohort.id, account.id, CAST(NULL AS INTEGER), CURRENT_TIMESTAMP
FROM (
    SELECT submission.cohort_id AS cohort_id, cell_mark.marker_id AS person_id
    FROM cell_mark JOIN submission ON submission.id = cell_mark.submission_id
    UNION SELECT memo.cohort_id, memo_mark.marker_id FROM memo_mark JOIN memo ON memo.id = memo_mark.memo_id
    UNION SELECT cohort_id, created_by FROM simulation_exercise
    UNION SELECT cohort_id, made_by_id FROM joining_code
    UNION SELECT cohort_id, withdrawn_by_id FROM withdrawal
    UNION SELECT cohort.id, audit_entry.actor_id
    FROM audit_entry JOIN cohort ON audit_entry.thing = 'cohort:' || cohort.id
    WHERE audit_entry.verb IN ('cohort_made', 'trainees_enrolled')
) AS found
JOIN cohort ON cohort.id = found.cohort_id
JOIN account ON account.id = found.person_id
WHERE account.role = 'instructor' AND account.academy_id = cohort.academy_id AND account.erased_at IS NULL
"""


def upgrade() -> None:
    op.create_table(
        "cohort_instructor",
        sa.Column("cohort_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("instructor_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("named_by_id", sa.Integer(), nullable=True),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_cohort_instructor_cohort_id_cohort")),
        sa.ForeignKeyConstraint(
            ["instructor_id"], ["account.id"], name=op.f("fk_cohort_instructor_instructor_id_account")
        ),
        sa.ForeignKeyConstraint(["named_by_id"], ["account.id"], name=op.f("fk_cohort_instructor_named_by_id_account")),
        sa.PrimaryKeyConstraint("cohort_id", "instructor_id", name=op.f("pk_cohort_instructor")),
    )
    op.create_index(op.f("ix_cohort_instructor_instructor_id"), "cohort_instructor", ["instructor_id"])
    op.execute(FOUND)


def downgrade() -> None:
    op.drop_table("cohort_instructor")
