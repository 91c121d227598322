"""Brotli and gzip copies beside each file that shrinks, so that the server never compresses."""

import gzip
import hashlib
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # it ships no types

from lab import archives

COMPRESSIBLE = frozenset(
    {".css", ".csv", ".eot", ".html", ".ipynb", ".js", ".json", ".mjs", ".svg", ".ttf", ".txt", ".wasm"}
    | archives.SUFFIXES
)
SMALLEST_BYTES = 500
# The best level takes a processor three minutes once and saves a seventh over level 9: a minute of a slow link. Of the
# windows that browsers take, the widest holds most of an archive.
QUALITY = 11
WINDOW_BITS = 24


def compress_tree(folder: Path, cache: Path, report: Callable[[str], None]) -> None:
    """Write `.br` and `.gz` beside every compressible file; work done before is taken from `cache`."""
    cache.mkdir(parents=True, exist_ok=True)
    largest_first = sorted(filter(_worthwhile, folder.rglob("*")), key=lambda path: -path.stat().st_size)
    step = max(1, len(largest_first) // 4)
    # Not forked: whoever builds may have threads.
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as processes:
        done = processes.map(partial(compress_file, cache=cache), largest_first)
        for number, _none in enumerate(done, start=1):
            if number % step == 0 or number == len(largest_first):
                report(f"compressed {number} of {len(largest_first)} files")


def _worthwhile(path: Path) -> bool:
    return path.is_file() and path.suffix in COMPRESSIBLE and path.stat().st_size >= SMALLEST_BYTES


def compress_file(path: Path, cache: Path) -> None:
    """Write `.br` and `.gz` beside a file where they are smaller; `cache` must exist."""
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    for suffix, encode in ((".br", _brotli), (".gz", _gzip)):
        kept = cache / f"{digest}{suffix}"
        if not kept.exists():
            # Another process may pack the same content.
            unfinished = kept.with_suffix(f"{suffix}.{os.getpid()}.unfinished")
            unfinished.write_bytes(encode(data))
            unfinished.replace(kept)
        encoded = kept.read_bytes()
        if len(encoded) < len(data):
            path.with_name(path.name + suffix).write_bytes(encoded)


def _brotli(data: bytes) -> bytes:
    packed: bytes = brotli.compress(data, quality=QUALITY, lgwin=WINDOW_BITS)
    return packed


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, compresslevel=9, mtime=0)
