"""Panels of experts about ranges of a scenario: who is on them, their rounds, who has answered, and what was said."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delphi_panel",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_delphi_panel_academy_id_academy")),
        sa.ForeignKeyConstraint(
            ["scenario_id"], ["foresight_scenario.id"], name=op.f("fk_delphi_panel_scenario_id_foresight_scenario")
        ),
        sa.ForeignKeyConstraint(["made_by_id"], ["account.id"], name=op.f("fk_delphi_panel_made_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delphi_panel")),
    )
    op.create_index(op.f("ix_delphi_panel_academy_id"), "delphi_panel", ["academy_id"])
    op.create_index(op.f("ix_delphi_panel_scenario_id"), "delphi_panel", ["scenario_id"])
    op.create_table(
        "delphi_expert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["panel_id"], ["delphi_panel.id"], name=op.f("fk_delphi_expert_panel_id_delphi_panel")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_delphi_expert_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delphi_expert")),
        sa.UniqueConstraint("panel_id", "account_id", name=op.f("uq_delphi_expert_panel_id_account_id")),
    )
    op.create_index(op.f("ix_delphi_expert_account_id"), "delphi_expert", ["account_id"])
    op.create_table(
        "delphi_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["panel_id"], ["delphi_panel.id"], name=op.f("fk_delphi_round_panel_id_delphi_panel")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delphi_round")),
        sa.UniqueConstraint("panel_id", "number", name=op.f("uq_delphi_round_panel_id_number")),
    )
    op.create_table(
        "delphi_participation",
        sa.Column("round_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["delphi_round.id"], name=op.f("fk_delphi_participation_round_id_delphi_round")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_delphi_participation_account_id_account")
        ),
        sa.PrimaryKeyConstraint("round_id", "account_id", name=op.f("pk_delphi_participation")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "delphi_opinion",
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.Integer(), nullable=False),
        sa.Column("low", sa.Double(), nullable=False),
        sa.Column("likely", sa.Double(), nullable=False),
        sa.Column("high", sa.Double(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["delphi_round.id"], name=op.f("fk_delphi_opinion_round_id_delphi_round")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_delphi_opinion")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_delphi_opinion_round_id"), "delphi_opinion", ["round_id"])


def downgrade() -> None:
    for table in ("delphi_opinion", "delphi_participation", "delphi_round", "delphi_expert", "delphi_panel"):
        op.drop_table(table)
