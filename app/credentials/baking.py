"""Pictures of badges with the credential in them (baking), as Open Badges 3.0 has it for PNG and SVG.

A PNG holds it in an iTXt chunk, uncompressed; an SVG in an element of its own, directly after the opening tag.
Compared with 1EdTech, Open Badges 3.0, “Baked Badge” (ob_v3p0/docformat.md of its repository at 03295be). That has
whoever extracts read the first credential; here a picture with several is refused, as there may be one only. What
somebody uploads is not ours: of a PNG no pixel is decoded, only its chunks are read, by Pillow; an SVG is read by
defusedxml, which takes neither entities nor a document type.
"""

from __future__ import annotations

import io
import struct
import textwrap
import zlib
from dataclasses import dataclass
from xml.etree import ElementTree

import defusedxml
from defusedxml.ElementTree import fromstring
from flask_babel import gettext as _
from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo, PngStream

from app.core.errors import Refused

KEYWORD = "openbadgecredential"
NAMESPACE, SVG = "https://purl.imsglobal.org/ob/v3p0", "http://www.w3.org/2000/svg"
PNG_BEGINS = b"\x89PNG\r\n\x1a\n"
MOST_BYTES = 2 * 1024 * 1024
SIDE, MARGIN, LINE_SIGNS = 600, 30, 24
GREEN, WHITE, GOLD = "#084c37", "#ffffff", "#e8c468"
# Sizes of letters, and how far below the last line each line begins.
TITLE, SMALL, LINE = 40, 24, 52


class NotBaked(Refused):
    """A picture from which no credential can be read; the message says why."""


@dataclass(frozen=True)
class Badge:
    """What stands on the picture; it names nobody."""

    title: str
    academy: str
    awarded_on: str

    @property
    def lines(self) -> list[tuple[str, int, str]]:
        """Text, size and colour of each line, from the top."""
        title = textwrap.wrap(self.title, LINE_SIGNS, max_lines=5, placeholder=" …")
        return [
            ("Hunar", SMALL, GOLD),
            *((line, TITLE, WHITE) for line in title),
            (self.academy, SMALL, WHITE),
            (self.awarded_on, SMALL, GOLD),
        ]

    @property
    def top(self) -> int:
        """Where the first line begins, so that all of them stand in the middle."""
        return (SIDE - len(self.lines) * LINE) // 2


def as_png(badge: Badge, signed: str) -> bytes:
    """The badge as a PNG with the credential in it."""
    picture = Image.new("RGB", (SIDE, SIDE), WHITE)
    drawing = ImageDraw.Draw(picture)
    drawing.rounded_rectangle((0, 0, SIDE - 1, SIDE - 1), 60, GREEN)
    drawing.rounded_rectangle((MARGIN, MARGIN, SIDE - MARGIN, SIDE - MARGIN), 40, outline=GOLD, width=4)
    for place, (line, size, colour) in enumerate(badge.lines):
        at = (SIDE / 2, badge.top + (place + 0.5) * LINE)
        drawing.text(at, line, colour, ImageFont.load_default(size), anchor="mm")
    chunks = PngInfo()
    chunks.add_itxt(KEYWORD, signed)
    target = io.BytesIO()
    picture.save(target, "PNG", pnginfo=chunks, optimize=True)
    return target.getvalue()


def as_svg(badge: Badge, signed: str) -> bytes:
    """The badge as an SVG with the credential in it."""
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("openbadges", NAMESPACE)
    root = ElementTree.Element(f"{{{SVG}}}svg", {"viewBox": f"0 0 {SIDE} {SIDE}", "role": "img"})
    ElementTree.SubElement(root, f"{{{NAMESPACE}}}credential", {"verify": signed})
    ElementTree.SubElement(root, f"{{{SVG}}}title").text = badge.title
    _box(root, 0, {"rx": "60", "fill": GREEN})
    _box(root, MARGIN, {"rx": "40", "fill": "none", "stroke": GOLD, "stroke-width": "4"})
    for place, (line, size, colour) in enumerate(badge.lines):
        look = {"font-family": "sans-serif", "font-size": str(size), "fill": colour, "text-anchor": "middle"}
        where = {"x": str(SIDE // 2), "y": str(badge.top + place * LINE + size)}
        ElementTree.SubElement(root, f"{{{SVG}}}text", look | where).text = line
    drawn: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return drawn


def _box(root: ElementTree.Element, margin: int, look: dict[str, str]) -> None:
    side, corner = str(SIDE - 2 * margin), str(margin)
    where = {"x": corner, "y": corner, "width": side, "height": side}
    ElementTree.SubElement(root, f"{{{SVG}}}rect", where | look)


def credential_in(content: bytes) -> str:
    """The credential of a picture; of any other file its text as it is. Raises NotBaked."""
    if len(content) > MOST_BYTES:
        raise NotBaked(_("The file is larger than 2 MB. Choose the file or picture as the academy gave it."))
    if content.startswith(PNG_BEGINS):
        return _only(_in_png(content))
    if content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        return _only(_in_svg(content))
    return content.decode(errors="replace")


def _only(found: list[str]) -> str:
    if not found:
        raise NotBaked(_("There is no credential in this picture. Editing or sending a picture often removes it."))
    if len(found) > 1:
        raise NotBaked(_("There is more than one credential in this picture, so it cannot be said which one counts."))
    return found[0]


class _Chunks(PngStream):
    """The chunks of a PNG; `credentials` collects those that hold one, where Pillow's own keeps the last."""

    def __init__(self, content: bytes) -> None:
        self.file = io.BytesIO(content)
        super().__init__(self.file)
        self.credentials: list[str] = []

    def chunk_iTXt(self, pos: int, length: int) -> bytes:  # noqa: N802 - Pillow finds it by this name
        self.im_text.pop(KEYWORD, None)
        data: bytes = super().chunk_iTXt(pos, length)
        if KEYWORD in self.im_text:
            self.credentials.append(str(self.im_text[KEYWORD]))
        return data

    def crc(self, cid: bytes, data: bytes) -> None:
        # Pillow's own lets sums pass where another library in the process has told it to take broken pictures.
        if struct.unpack(">I", self.file.read(4))[0] != zlib.crc32(data, zlib.crc32(cid)):
            raise SyntaxError("A chunk is not what its sum says.")


def _in_png(content: bytes) -> list[str]:
    chunks = _Chunks(content)
    chunks.file.read(len(PNG_BEGINS))
    try:
        kind = b""
        while kind != b"IEND":
            kind, position, length = chunks.read()
            data = chunks.call(kind, position, length) if kind == b"iTXt" else chunks.file.read(length)
            chunks.crc(kind, data)
    except (SyntaxError, ValueError, EOFError, OSError, struct.error, zlib.error):
        raise NotBaked(_("The picture is damaged. Ask for it again, or download it anew.")) from None
    return chunks.credentials


def _in_svg(content: bytes) -> list[str]:
    try:
        root = fromstring(content, forbid_dtd=True)
    except (ElementTree.ParseError, defusedxml.DefusedXmlException, ValueError, LookupError):
        raise NotBaked(_("The picture is damaged. Ask for it again, or download it anew.")) from None
    found = root.iter(f"{{{NAMESPACE}}}credential")
    return [each.get("verify") or (each.text or "").strip() for each in found]
