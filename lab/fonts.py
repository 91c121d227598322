"""matplotlib's fonts apart from its wheel, of which they are two thirds.

The usual one and the signs of mathematics stay. The others come when something is drawn with them (fetched_fonts.py).
"""

import io
import json
import re
import zipfile
from pathlib import Path

from lab import archives, hashed
from lab.errors import LabError

# On the site; the server lets browsers keep these names for good.
FOLDER = Path("static/fonts")
READER = "matplotlib/font_manager.py"
FETCHED = re.compile(r"^matplotlib/mpl-data/fonts/ttf/(?:DejaVuSans-|DejaVuSansMono|DejaVuSerif|STIX(?!Siz)).*\.ttf$")
PROGRAM = Path(__file__).with_name("fetched_fonts.py")
# Whatever imports `get_font` of matplotlib gets the one that fetches.
ADDED = b"\n\nfrom fetched_fonts import fetching\n\nget_font = fetching(get_font)\n"


def taken_out(archive: bytes, folder: Path) -> bytes:
    """The archive without the fonts that are fetched, if any, which are put into `folder` under names of their content.

    LabError when matplotlib does not read fonts as it did.
    """
    with zipfile.ZipFile(io.BytesIO(archive)) as source:
        fonts = {name: source.read(name) for name in source.namelist() if FETCHED.search(name)}
        if not fonts:
            return archive
        reader = source.read(READER)
    if b"\ndef get_font(" not in reader:
        raise LabError(f"{READER} of the wheel has no get_font; see lab/fonts.py.")
    addresses = {
        Path(name).name: f"/{FOLDER / hashed.put(font, Path(name).name, folder)}" for name, font in fonts.items()
    }
    return archives.with_members(
        archive,
        dict.fromkeys(fonts, b"")
        | {
            READER: reader + ADDED,
            PROGRAM.name: PROGRAM.read_bytes(),
            PROGRAM.with_suffix(".json").name: json.dumps(addresses).encode(),
        },
    )
