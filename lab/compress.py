"""Brotli and gzip copies beside each file that shrinks, so that the server never compresses."""

import gzip
import hashlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # it ships no types

from lab import archives

COMPRESSIBLE = frozenset(
    {".css", ".csv", ".eot", ".html", ".ipynb", ".js", ".json", ".mjs", ".svg", ".ttf", ".txt", ".wasm"}
    | archives.SUFFIXES
)
SMALLEST_BYTES = 500
# The best level takes a minute once and saves 13 % of Pyodide over level 9: half a minute of a slow link.
BEST_QUALITY = 11
# Of archives it would take five minutes and save a seventh.
ARCHIVE_QUALITY = 9


def compress_tree(folder: Path, cache: Path, report: Callable[[str], None]) -> None:
    """Write `.br` and `.gz` beside every compressible file; work done before is taken from `cache`."""
    cache.mkdir(parents=True, exist_ok=True)
    files = [path for path in sorted(folder.rglob("*")) if _worthwhile(path)]
    step = max(1, len(files) // 4)
    for number, path in enumerate(files, start=1):
        compress_file(path, cache)
        if number % step == 0 or number == len(files):
            report(f"compressed {number} of {len(files)} files")


def _worthwhile(path: Path) -> bool:
    return path.is_file() and path.suffix in COMPRESSIBLE and path.stat().st_size >= SMALLEST_BYTES


def compress_file(path: Path, cache: Path) -> None:
    """Write `.br` and `.gz` beside a file where they are smaller; `cache` must exist."""
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    quality = ARCHIVE_QUALITY if path.suffix in archives.SUFFIXES else BEST_QUALITY
    for suffix, encode in ((".br", partial(brotli.compress, quality=quality)), (".gz", _gzip)):
        kept = cache / f"{digest}{suffix}"
        if not kept.exists():
            unfinished = kept.with_suffix(f"{suffix}.unfinished")
            unfinished.write_bytes(encode(data))
            unfinished.replace(kept)
        encoded = kept.read_bytes()
        if len(encoded) < len(data):
            path.with_name(path.name + suffix).write_bytes(encoded)


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, compresslevel=9, mtime=0)
