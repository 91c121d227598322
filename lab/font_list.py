"""The list of fonts in Pyodide's matplotlib wheel, made one that this matplotlib takes.

The wheel's own was written for another version on somebody's computer: matplotlib lays it aside and reads every
font anew at each start.
"""

import io
import json
import re
import zipfile
from typing import Any

from lab import archives
from lab.errors import LabError

LIST = "matplotlib/fontlist.json"
SCANNER = "matplotlib/font_manager.py"
DATA = "matplotlib/mpl-data/"
# The wheel brings this font and does not list it; as matplotlib itself reads it.
UNLISTED = {
    "fname": "fonts/ttf/Humor-Sans.ttf",
    "name": "Humor Sans",
    "style": "normal",
    "variant": "normal",
    "weight": 400,
    "stretch": "normal",
    "size": "scalable",
    "__class__": "FontEntry",
}
_VERSION = re.compile(r"^class FontManager:.*?^    __version__ = (\d+)$", re.DOTALL | re.MULTILINE)


def matched(archive: bytes) -> bytes:
    """The archive with its list, if any, in the version that its matplotlib wants and of the fonts that it brings.

    LabError when a font is in no list, or matplotlib no longer says which version it wants.
    """
    with zipfile.ZipFile(io.BytesIO(archive)) as source:
        names = set(source.namelist())
        if LIST not in names:
            return archive
        content = json.dumps(_matching(source, names)).encode()
    return archives.with_members(archive, {LIST: content})


def _matching(source: zipfile.ZipFile, names: set[str]) -> dict[str, Any]:
    wanted = _VERSION.search(source.read(SCANNER).decode())
    if wanted is None:
        raise LabError(f"{SCANNER} of the wheel does not say which version of the font list it wants.")
    listed = json.loads(source.read(LIST))
    fonts = [font for font in [*listed["ttflist"], UNLISTED] if DATA + font["fname"] in names]
    brought = {name for name in names if name.startswith(f"{DATA}fonts/") and name.endswith(".ttf")}
    if missing := brought - {DATA + font["fname"] for font in fonts}:
        raise LabError(f"The font list of the matplotlib wheel lacks {min(missing)}; see lab/font_list.py.")
    metrics = [font for font in listed["afmlist"] if DATA + font["fname"] in names]
    return {**listed, "_version": int(wanted[1]), "ttflist": fonts, "afmlist": metrics}
