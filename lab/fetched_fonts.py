"""Runs in the browser, in matplotlib's wheel: fonts whose files are empty until a drawing needs them."""

import json
import logging
import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import js  # type: ignore[import-not-found]  # Pyodide's
from pyodide.ffi import JsException  # type: ignore[import-not-found]  # Pyodide's

ADDRESSES: dict[str, str] = json.loads(Path(__file__).with_name("fetched_fonts.json").read_text())
USUAL = Path(__file__).with_name("matplotlib") / "mpl-data/fonts/ttf/DejaVuSans.ttf"
FOUND = 200


def fetching(get_font: Callable[..., Any]) -> Callable[..., Any]:
    """matplotlib's `get_font`, which finds what it reads; the usual font stands in for one that does not come."""

    @wraps(get_font)
    def got(font_filepaths: Any, *options: Any, **named: Any) -> Any:
        alone = isinstance(font_filepaths, str | bytes | os.PathLike)
        paths = [_there(Path(os.fsdecode(path))) for path in ([font_filepaths] if alone else font_filepaths)]
        return get_font(paths, *options, **named)

    return got


def _there(path: Path) -> Path:
    if path.name in ADDRESSES and path.exists() and not path.stat().st_size:
        try:
            path.write_bytes(_fetched(ADDRESSES[path.name]))
        except (OSError, JsException):
            logging.getLogger("matplotlib.font_manager").warning(
                "The font %s could not be fetched; %s is drawn instead.", path.stem, USUAL.stem
            )
            return USUAL
    return path


def _fetched(address: str) -> bytes:
    """The kernel is a worker, which may wait for an answer. Raises OSError or JsException."""
    request = js.XMLHttpRequest.new()
    request.open("GET", js.location.origin + address, False)
    request.responseType = "arraybuffer"
    request.send()
    if request.status != FOUND:
        raise OSError(request.status)
    content: bytes = request.response.to_bytes()
    return content
