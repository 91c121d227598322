"""Wheels and zip files with their members uncompressed: brotli packs the whole a third smaller than zip its members.

What no cell can use in a browser stays out. The browser undoes brotli while it receives, faster than Python's zipfile
does in WebAssembly.
"""

import io
import re
import zipfile
from collections.abc import Mapping

SUFFIXES = frozenset({".whl", ".zip"})
# The earliest moment that a zip file can name: the same members give the same archive, byte for byte.
EARLIEST = (1980, 1, 1, 0, 0, 0)
EMPTY = b"PK\x05\x06" + bytes(18)
# For compilers and type checkers (jedi reads what Python's own library is from its stubs), examples, hashes of what was
# installed, what only printing to PDF and PostScript needs, the colours of other languages than Python, windows of
# desktops, what makes manuals, what needs sockets or a terminal, what tests the libraries, and text on and WebP of
# photographs.
UNUSED = re.compile(
    r"^(?!jedi/).*\.(?:pyi|pxd|h|a)$"
    r"|^jedi/third_party/django-stubs/"
    r"|\.dist-info/RECORD$"
    r"|/mpl-data/(?:sample_data|fonts/afm|fonts/pdfcorefonts)/"
    r"|^numpy/f2py/"
    r"|^pygments/lexers/(?!(?:__init__|_mapping|python|special)\.py$)"
    r"|^matplotlib/backends/(?:_?backend_(?:cairo|gtk|macosx|nbagg|qt|tk|webagg|wx)|_macosx|_tkagg|qt_|web_backend/)"
    r"|/mpl-data/images/"
    r"|^matplotlib/(?:sphinxext|testing)/"
    r"|^IPython/(?:sphinxext/|terminal/(?!(?:pt_inputhooks/)?__init__\.py$))"
    r"|^PIL/_(?:imagingft|webp)\."
    r"|^(?:ftplib|imaplib|nntplib|poplib|smtplib|telnetlib)\.py$|^(?:wsgiref|xmlrpc)/|^http/server\.py$"
)


def unpacked(archive: bytes) -> bytes:
    """The members that can be of use, in the same order, uncompressed. Raises zipfile.BadZipFile."""
    plain = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(plain, "w", zipfile.ZIP_STORED) as target:
        for member in source.infolist():
            if UNUSED.search(member.filename):
                continue
            entry = zipfile.ZipInfo(member.filename, EARLIEST)
            entry.external_attr = member.external_attr
            target.writestr(entry, source.read(member))
    return plain.getvalue()


def with_members(archive: bytes, contents: Mapping[str, bytes]) -> bytes:
    """The archive, uncompressed, with these contents in place of its own or added at its end, by the members' names."""
    plain = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(plain, "w", zipfile.ZIP_STORED) as target:
        for member in source.infolist():
            content = contents.get(member.filename)
            target.writestr(member, source.read(member) if content is None else content, zipfile.ZIP_STORED)
        for name in sorted(contents.keys() - set(source.namelist())):
            target.writestr(zipfile.ZipInfo(name, EARLIEST), contents[name])
    return plain.getvalue()
