"""On SQLite no number of an account, an attempt, a submission or the like is given a second time after a deletion."""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None

# Each with the word by which the audit log names its rows.
TABLES = {
    "account": "account",
    "posting": "posting",
    "appeal": "appeal",
    "attestation": "attestation",
    "completion": "completion",
    "completion_import": "completion_import",
    "erasure_request": "erasure_request",
    "grade": "grade",
    "identity": "identity",
    "job": "job",
    "lti_platform": "platform",
    "name_correction": "name_correction",
    "quiz_attempt": "quiz_attempt",
    "simulation_run": "run",
    "statement": "statement",
    "submission": "submission",
}


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    _make_anew(numbers_once=True)
    # What was deleted before is named by the log alone.
    given = sa.text(
        "SELECT max(number) FROM (SELECT seq AS number FROM sqlite_sequence WHERE name = :name UNION ALL "
        "SELECT CAST(substr(thing, length(:prefix) + 1) AS INTEGER) FROM audit_entry "
        "WHERE substr(thing, 1, length(:prefix)) = :prefix)"
    )
    for name, word in TABLES.items():
        last = op.get_bind().execute(given, {"name": name, "prefix": f"{word}:"}).scalar()
        if last is not None:
            op.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name").bindparams(name=name))
            counted = sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)")
            op.execute(counted.bindparams(name=name, last=last))


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _make_anew(numbers_once=False)


def _make_anew(*, numbers_once: bool) -> None:
    """SQLite says when a table is made how its rows are numbered. Columns, indexes and references stay."""
    for name in TABLES:
        with op.batch_alter_table(name, recreate="always", table_kwargs={"sqlite_autoincrement": numbers_once}):
            pass
