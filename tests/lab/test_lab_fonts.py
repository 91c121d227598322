"""Fonts apart from matplotlib's wheel: at the build, and fetched in the browser when something is drawn with them."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from lab import fonts
from lab.errors import LabError
from tests.lab.page import Lab, code, output_text

FOLDER = "matplotlib/mpl-data/fonts/ttf/"
READER = b"import os\n\n\ndef get_font(font_filepaths):\n    return font_filepaths\n"
DRAW = """\
import logging, matplotlib.pyplot as plt
figure, axes = plt.subplots()
axes.set_title("{title}", **{style})
figure.canvas.draw()
from pathlib import Path
import fetched_fonts
print([name for name in fetched_fonts.ADDRESSES if (fetched_fonts.USUAL.parent / name).stat().st_size])"""


def wheel(reader: bytes = READER) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(fonts.READER, reader)
        for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "cmr10.ttf", "STIXGeneral.ttf", "STIXSizOneSymReg.ttf"):
            archive.writestr(FOLDER + name, f"font {name}")
    return packed.getvalue()


def test_the_usual_font_stays_and_the_others_leave_an_empty_file(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(fonts.taken_out(wheel(), tmp_path))) as archive:
        sizes = {Path(each.filename).name: each.file_size for each in archive.infolist() if each.filename[-3:] == "ttf"}
        addresses = json.loads(archive.read("fetched_fonts.json"))
        assert archive.read(fonts.READER).startswith(READER)
    assert {name for name, size in sizes.items() if not size} == {"DejaVuSans-Bold.ttf", "STIXGeneral.ttf"}
    assert addresses.keys() == {"DejaVuSans-Bold.ttf", "STIXGeneral.ttf"}
    for name, address in addresses.items():
        assert (tmp_path / Path(address).name).read_text() == f"font {name}"


def test_an_archive_without_such_fonts_is_left_as_it_is(tmp_path: Path) -> None:
    assert fonts.taken_out(other := _plain(), tmp_path) == other
    assert not list(tmp_path.iterdir())


def _plain() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("pandas/__init__.py", "")
    return packed.getvalue()


def test_a_matplotlib_that_reads_fonts_otherwise_stops_the_build(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="get_font"):
        fonts.taken_out(wheel(b"import os\n"), tmp_path)


def test_a_plain_chart_fetches_no_font_and_a_bold_title_its_own(lab: Lab) -> None:
    lab.open()
    lab.load(
        code(DRAW.format(title="Days", style="{}"), "c1"),
        code(DRAW.format(title="Days", style='{"weight": "bold"}'), "c2"),
    )
    assert lab.run_all()
    plain, bold = lab.cells()
    assert plain["outputs"][0]["text"] == "[]\n"
    assert bold["outputs"][0]["text"] == "['DejaVuSans-Bold.ttf']\n"


def test_mathematics_is_drawn_without_a_warning(lab: Lab) -> None:
    lab.open()
    lab.load(
        code("import matplotlib.pyplot as plt\nplt.plot([1, 10], [1, 100])\nplt.yscale('log')\nplt.title('$x^2$')")
    )
    assert lab.run_all()
    assert "findfont" not in output_text(lab.cells()[0])


def test_a_font_that_does_not_come_is_stood_in_for_with_a_warning(lab: Lab) -> None:
    lab.open()
    lose = "import fetched_fonts\nfetched_fonts.ADDRESSES['DejaVuSerif.ttf'] = '/static/fonts/none.ttf'\n"
    lab.load(code(lose + DRAW.format(title="Days", style='{"family": "serif"}')))
    assert lab.run_all()
    assert "DejaVuSerif could not be fetched; DejaVuSans is drawn instead" in output_text(lab.cells()[0])
    lab.errors.clear()
