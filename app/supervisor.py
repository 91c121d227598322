"""`make run`: portal, grading worker and notebook origin under one supervisor (honcho); Ctrl-C stops all three."""

from __future__ import annotations

import os
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from honcho.manager import Manager

from app.competencies.tallies import bring_up_to_date
from app.core.db import make_engine
from app.core.migration import migrate
from app.demo import DEMO_PASSWORD, DEMO_PEOPLE, seed
from config import ROOT, Settings

PATIENCE_SECONDS = 60
# glibc gives each of the portal's threads a heap, and keeps what a large page took for a moment. One heap is enough
# where one thread computes at a time, and what is free goes back.
SMALL_HEAP = {"MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": "131072"}
GUNICORN = "gunicorn --worker-class gthread --log-level warning --graceful-timeout 5"


def read_secret(environment: dict[str, str]) -> None:
    """Take the secret that `make run` wrote, unless the environment brings one."""
    secret_file = ROOT / "var" / "secret_key"
    if "SECRET_KEY" not in environment and secret_file.exists():
        environment["SECRET_KEY"] = secret_file.read_text().strip()


def commands(settings: Settings) -> dict[str, str]:
    """The processes by name, as shell command lines."""
    python_folder = Path(sys.executable).parent
    gunicorn = f"{python_folder}/{GUNICORN}"
    host = settings.portal_host
    return {
        "portal": f"exec {gunicorn} --threads 8 --bind {host}:{settings.portal_port} app.wsgi:app",
        "worker": f"exec {python_folder}/python -m app.worker",
        "notebooks": f"exec {gunicorn} --threads 8 --bind {host}:{settings.notebook_port} 'lab.wsgi:create()'",
    }


def announce_when_ready(settings: Settings) -> None:
    """Print addresses and accounts once both origins answer."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    waiting = [settings.portal_origin + "/sign-in", settings.notebook_origin + "/"]
    while waiting and time.monotonic() < deadline:
        waiting = [address for address in waiting if not answers(address)]
        time.sleep(0.1)
    if waiting:
        say(f"Not answering after {PATIENCE_SECONDS} s: {', '.join(waiting)}. See the lines above for the reason.")
        return
    say(f"\nHunar is ready: {settings.portal_origin}   (notebooks: {settings.notebook_origin})")
    say(f"Demo accounts, all with the password {DEMO_PASSWORD}:")
    for person in DEMO_PEOPLE:
        if person.shown:
            say(f"  {person.role.value:<14} {person.username}")
    if not settings.require_second_factor:
        say("Administrators and auditors sign in without a second factor; REQUIRE_SECOND_FACTOR=true asks for it.")
    say("Stop with Ctrl-C.\n")


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - our own address
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - the supervisor talks to the terminal


def prepare(settings: Settings) -> None:
    """Migrate the database and bring in what is missing of the demo data."""
    engine = make_engine(settings.database_url)
    migrate(engine)
    bring_up_to_date(engine)
    seed(engine, settings)
    engine.dispose()


def main() -> int:
    """Migrate, bring the demo data in, run until stopped; the exit status of the first process to fail."""
    environment = dict(os.environ)
    read_secret(environment)
    # The password of the demo's administrator is printed for everybody; a telephone would guard nothing.
    environment.setdefault("REQUIRE_SECOND_FACTOR", "false")
    settings = Settings.from_environment(environment)
    prepare(settings)
    environment |= {
        "NOTEBOOK_SITE": str(settings.notebook_site_folder),
        "PORTAL_ORIGIN": settings.portal_origin,
        "PYTHONUNBUFFERED": "1",
    }
    manager = Manager()
    for name, command in commands(settings).items():
        heap = SMALL_HEAP if name == "portal" else {}
        manager.add_process(name, command, env=heap | environment, cwd=str(ROOT))
    threading.Thread(target=announce_when_ready, args=(settings,), daemon=True).start()
    manager.loop()
    return int(manager.returncode or 0)


if __name__ == "__main__":
    sys.exit(main())
