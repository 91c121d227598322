"""`python -m app.content.build`: lab data and releases from the content packs, then the notebook site with the data and
the engine."""

from __future__ import annotations

import sys

from app.content.data import write_lab_files
from app.content.loader import ContentError, load_catalogue
from app.content.releases import released
from app.content.schemas import Notebook
from config import ROOT
from lab.__main__ import main as lab_main


def main() -> int:
    """0 when everything is built or was up to date."""
    try:
        catalogue = load_catalogue(ROOT / "modules")
    except ContentError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a build step talks to the terminal
        return 1
    files = ROOT / "var" / "lab-files"
    files.mkdir(parents=True, exist_ok=True)
    write_lab_files(catalogue, files)
    for module in catalogue.modules.values():
        for activity in module.activities:
            if isinstance(activity, Notebook):
                released(activity.source)
    places = ["--output", str(ROOT / "var" / "site"), "--files", str(files)]
    return lab_main(["build", *places, "--project", str(ROOT / "simulations")])


if __name__ == "__main__":
    sys.exit(main())
