"""Tables of matplotlib's properties, written at the build: which archives get them, and what is read in the browser."""

import io
import zipfile
from importlib import metadata

import pytest

from lab import property_tables
from lab.errors import LabError
from tests.lab.page import Lab, code

VERSION = metadata.version("matplotlib")
SOURCE = b"".join(property_tables.CHANGES)
# What matplotlib says of a class of its own, and computes for one that a cell makes of it.
DESCRIBED = """\
import matplotlib.lines, matplotlib.artist
def computed(artist):
    lines = matplotlib.artist.ArtistInspector(artist).pprint_setters(leadingspace=4)
    return 'Properties:\\n' + '\\n'.join(lines)
class Dashed(matplotlib.lines.Line2D):
    def set_gap(self, gap):
        '''Set the gap.'''
[
    matplotlib.artist.kwdoc(matplotlib.lines.Line2D) == computed(matplotlib.lines.Line2D),
    "linewidth or lw: float" in matplotlib.lines.Line2D.set.__doc__,
    "linewidth" in str(__import__("inspect").signature(matplotlib.lines.Line2D.set)),
    "gap" in Dashed.set.__doc__,
    "linewidth or lw: float" in __import__("matplotlib.pyplot").pyplot.plot.__doc__,
]"""


def wheel(source: bytes = SOURCE, version: str = VERSION) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(property_tables.SOURCE, source)
        archive.writestr(f"matplotlib-{version}.dist-info/METADATA", "Name: matplotlib")
    return packed.getvalue()


def test_matplotlib_gets_the_tables_and_asks_for_them_first() -> None:
    with zipfile.ZipFile(io.BytesIO(property_tables.written(wheel()))) as archive:
        assert {"written_tables.py", "written_tables.json"} < set(archive.namelist())
        source = archive.read(property_tables.SOURCE)
    assert all(now in source for now in property_tables.CHANGES.values())


def test_other_archives_stay_as_they_are() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("pandas/__init__.py", "")
    assert property_tables.written(packed.getvalue()) == packed.getvalue()


@pytest.mark.parametrize(
    ("archive", "reason"),
    [(wheel(version="3.0.0"), "another matplotlib"), (wheel(SOURCE * 2), "is not what it was")],
    ids=["version", "source"],
)
def test_a_matplotlib_that_does_not_fit_stops_the_build(archive: bytes, reason: str) -> None:
    with pytest.raises(LabError, match=reason):
        property_tables.written(archive)


def test_each_class_has_its_properties_and_their_description() -> None:
    setters, documentation = property_tables.tables()["matplotlib.lines.Line2D"]
    assert "linewidth" in setters
    assert "    linewidth or lw: float" in documentation


@pytest.mark.browser
def test_the_documentation_in_the_browser_is_what_matplotlib_would_write(lab: Lab) -> None:
    lab.open("#imports=matplotlib.pyplot")
    lab.load(code(DESCRIBED))
    assert lab.run_all(), lab.cells()
    assert lab.cells()[0]["outputs"][0]["data"]["text/plain"] == "[True, True, True, True, True]"
