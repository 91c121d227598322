"""Run by the Python of pyBKT's own virtual environment: fits answers and says what comes next for each trainee.

python bkt_fit.py TRAINEES < answers, a list of lists of 0 and 1 as JSON; prints JSON: knows and right (probabilities of
each trainee before the next answer), guess and slip.
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

import numpy as np
import pandas as pd

SKILL = "one skill"


def main(fitted_to: int, answers: list[list[int]]) -> dict[str, Any]:
    """fitted_to: the parameters are fitted to the answers of so many trainees, the first ones."""
    trainees, items = len(answers), len(answers[0])
    # The step that is asked for needs a row; its own answer is not looked at.
    asked = np.concatenate([np.array(answers), np.zeros((trainees, 1))], axis=1)
    rows = pd.DataFrame(
        {
            "user_id": np.repeat(np.arange(trainees), items + 1),
            "order_id": np.tile(np.arange(items + 1), trainees),
            "skill_name": SKILL,
            "correct": asked.astype(int).ravel(),
        }
    )
    model = importlib.import_module("pyBKT.models").Model(seed=1, num_fits=1, parallel=False)
    model.fit(data=rows[(rows["order_id"] < items) & (rows["user_id"] < fitted_to)])
    steps = model.predict(data=rows)
    last = steps[steps["order_id"] == items].sort_values("user_id")
    values = model.params()["value"]
    guess, slip = (float(values.xs(name, level="param").iloc[0]) for name in ("guesses", "slips"))
    knows, right = (last[name].tolist() for name in ("state_predictions", "correct_predictions"))
    return {"knows": knows, "right": right, "guess": guess, "slip": slip}


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), json.load(sys.stdin))))
