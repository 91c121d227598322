"""What gunicorn runs: `gunicorn "lab.wsgi:create()"`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from lab.errors import LabError
from lab.server import create_app

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def create() -> "WSGIApplication":
    """The notebook origin, from NOTEBOOK_SITE (folder) and PORTAL_ORIGIN (such as http://127.0.0.1:8000)."""
    missing = [name for name in ("NOTEBOOK_SITE", "PORTAL_ORIGIN") if not os.environ.get(name)]
    if missing:
        raise LabError(f"Set {' and '.join(missing)} in the environment before starting the notebook origin.")
    return create_app(Path(os.environ["NOTEBOOK_SITE"]), os.environ["PORTAL_ORIGIN"])
