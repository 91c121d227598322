"""Lists of paths on the site, one a line, with comments."""

from pathlib import Path


def read(path: Path) -> tuple[str, ...]:
    """The paths, each from the site's root with a slash, and * in the place of a digest."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))
