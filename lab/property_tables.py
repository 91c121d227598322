"""What matplotlib says of the properties of its artists, written once at the build.

It puts these tables together anew at each start, for the documentation of two hundred classes and functions, which is a
third of the time that it takes.
"""

import io
import json
import zipfile
from collections.abc import Iterator
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from lab import archives, trimming
from lab.errors import LabError

SOURCE = "matplotlib/artist.py"
PROGRAM = Path(__file__).with_name("written_tables.py")
LOGGER = b"_log = logging.getLogger(__name__)\n"
CHANGES = {
    LOGGER: LOGGER + b"\nfrom written_tables import documentation, setters\n",
    b"in ArtistInspector(cls).get_setters()": b"in setters(cls) or ArtistInspector(cls).get_setters()",
    b"    ai = ArtistInspector(artist)\n": (
        b"    if written := documentation(artist):\n        return written\n    ai = ArtistInspector(artist)\n"
    ),
}
# Whose artists are described too where a lab imports them.
MODULES = ("matplotlib.pyplot", "mpl_toolkits.mplot3d", "mpl_toolkits.axes_grid1", "mpl_toolkits.axisartist")


def written(archive: bytes) -> bytes:
    """The archive with the tables of its artists, if it is matplotlib's.

    They are those of the matplotlib that grades. LabError when that is of another version, or the source is another.
    """
    with zipfile.ZipFile(io.BytesIO(archive)) as source:
        if SOURCE not in source.namelist():
            return archive
        text = source.read(SOURCE)
        graded = metadata.version("matplotlib")
        if f"matplotlib-{graded}.dist-info/METADATA" not in source.namelist():
            raise LabError(f"Labs would run with another matplotlib than {graded}, which grades them.")
    return archives.with_members(
        archive,
        {
            SOURCE: trimming.replaced(SOURCE, text, CHANGES),
            PROGRAM.name: PROGRAM.read_bytes(),
            PROGRAM.with_suffix(".json").name: json.dumps(tables()).encode(),
        },
    )


def tables() -> dict[str, tuple[list[str], str]]:
    """The names of the properties that can be set and their description, by class."""
    for module in MODULES:
        import_module(module)
    artist = import_module("matplotlib.artist")
    return {
        f"{each.__module__}.{each.__qualname__}": (artist.ArtistInspector(each).get_setters(), artist.kwdoc(each))
        for each in (artist.Artist, *_descendants(artist.Artist))
    }


def _descendants(parent: type[Any]) -> Iterator[type[Any]]:
    for child in parent.__subclasses__():
        yield child
        yield from _descendants(child)
