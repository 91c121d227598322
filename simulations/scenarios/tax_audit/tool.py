"""The risk score: a ridge logit on audit results, and what it may be trained on."""

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from simulations.engine import Floats, Ints
from simulations.scenarios.tax_audit.world import BEHAVIOUR, DISTRICTS, Firms, Parameters

COLUMNS = (*BEHAVIOUR, "size", "small_retail", "history", *(f"district_{d}" for d in range(DISTRICTS)))
FEATURES = ("all", "no_district", "no_bank_proxy", "no_input_ratio")
TRAINING = ("vendor", "audited", "weighted")
VENDOR, AUDITED, WEIGHTED = range(3)
_NEWTON_STEPS = 6
_MOST_LOGIT = 30.0


def design(firms: Firms, behaviour: Floats, own: Floats) -> Floats:
    """One row a firm, one column for each of ``COLUMNS``; all known to the office."""
    districts = firms.district[:, None] == np.arange(DISTRICTS)
    size = np.log(firms.register)
    scaled = (size - size.mean()) / size.std()
    return np.column_stack([behaviour, scaled, firms.small_retail, own, districts]).astype(np.float64)


@dataclass(frozen=True)
class Records:
    """Audit results on file, one row an audit; quarter 0 is the time before the run."""

    firm: Ints
    quarter: Ints
    row: Floats  # (audit, column) of the design
    found: Floats  # evaded share of liability found; 0 when nothing was
    inclusion: Floats  # chance that this firm was audited in this quarter
    quality: Floats
    perceived: Floats
    arm: Ints  # see office.PAST and those beside it

    def __len__(self) -> int:
        return len(self.firm)

    def with_more(self, other: "Records") -> "Records":
        """These results and those of ``other`` below them."""
        names = [field.name for field in fields(Records)]
        return Records(**{name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in names})


@dataclass(frozen=True)
class Score:
    """A fitted logit: weights by column (0 where a column is not used) and the constant."""

    weights: Floats
    constant: float

    def logit(self, rows: Floats) -> Floats:
        """Log-odds that an audit finds evasion, rounded so that no processor decides a tie."""
        return np.asarray(np.round(rows @ self.weights + self.constant, 9), dtype=np.float64)

    def probability(self, rows: Floats) -> Floats:
        """The same as a probability, 0 to 1."""
        return np.asarray(0.5 * (1 + np.tanh(self.logit(rows) / 2)), dtype=np.float64)


def kept_columns(features: int) -> Ints:
    """Places of the columns a choice of features leaves to the tool."""
    banned = FEATURES[features].removeprefix("no_")
    kept = [number for number, name in enumerate(COLUMNS) if not name.startswith(banned)]
    return np.array(kept, dtype=np.intp)


def fit(rows: Floats, found: Floats, weights: Floats, ridge: float, columns: Ints) -> Score:
    """Weighted ridge logit by Newton's method; the constant is not shrunk.

    found: 0 or 1.  weights: mean 1.  ridge: strength of the penalty on squared weights, > 0.
    """
    design_rows = np.column_stack([rows[:, columns], np.ones(len(rows))])
    penalty = np.full(design_rows.shape[1], ridge)
    penalty[-1] = 1e-6
    beta = np.zeros(design_rows.shape[1])
    for _ in range(_NEWTON_STEPS):
        logit = np.clip(design_rows @ beta, -_MOST_LOGIT, _MOST_LOGIT)
        chance = 0.5 * (1 + np.tanh(logit / 2))
        slope = design_rows.T @ (weights * (found - chance)) - penalty * beta
        curvature = (design_rows * (weights * chance * (1 - chance))[:, None]).T @ design_rows
        beta = beta + np.linalg.solve(curvature + np.diag(penalty), slope)
    full = np.zeros(len(COLUMNS))
    full[columns] = beta[:-1]
    return Score(full, float(beta[-1]))


@dataclass(frozen=True)
class Trainer:
    """Fits the score the officer asked for on the records of a run."""

    p: Parameters
    records: Records
    quarter: int

    @cached_property
    def labels(self) -> Floats:
        """1 where an audit found evasion."""
        return (self.records.found > 0).astype(np.float64)

    def score(self, training: int, features: int) -> Score:
        """The vendor's score as delivered, or one fitted on all audits, plain or by inverse chance."""
        records, columns = self.records, kept_columns(features)
        if training == VENDOR:
            old = np.flatnonzero(records.quarter == 0)
            return fit(records.row[old], self.labels[old], np.ones(len(old)), self.p.ridge, columns)
        weights = self.p.forgetting ** (self.quarter - records.quarter).astype(np.float64)
        if training == WEIGHTED:
            weights = weights * np.minimum(1 / records.inclusion, self.p.weight_cap)
        return fit(records.row, self.labels, weights / weights.mean(), self.p.ridge, columns)
