"""`python -m lab build`: the notebook site, ready to serve."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lab import site
from lab.errors import LabError


def arguments(words: Sequence[str]) -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="python -m lab", description=__doc__)
    command = parser.add_subparsers(dest="command", required=True).add_parser(
        "build", help="build the notebook site, or skip it when it is up to date"
    )
    command.add_argument("--output", type=Path, default=site.ROOT / "var/site", help="folder of the site")
    command.add_argument(
        "--files", type=Path, help="folder whose files lie at the same relative paths beside the notebooks"
    )
    command.add_argument(
        "--project",
        type=Path,
        action="append",
        default=[],
        help="folder of a Python project of our own that labs can import; may be repeated",
    )
    command.add_argument(
        "--wheels",
        type=Path,
        action="append",
        default=[],
        help="folder or archive with the wheels, instead of lab/wheels.txt through pip; may be repeated",
    )
    command.add_argument(
        "--cache", type=Path, default=site.Sources.cache, help="folder for downloads and compressed files"
    )
    return parser.parse_args(words)


def main(words: Sequence[str]) -> int:
    """Run the command; 0 when the site is ready, 1 with a message when it is not."""
    asked = arguments(words)
    if asked.files is not None and not asked.files.is_dir():
        print(f"The folder of data files {asked.files} does not exist.", file=sys.stderr)
        return 1
    sources = site.Sources(
        files=asked.files, projects=tuple(asked.project), wheels=tuple(asked.wheels), cache=asked.cache
    )
    try:
        site.build(asked.output, sources, lambda line: print(line, flush=True))
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"The notebook site could not be written: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
