"""Sources of packages that load at their start what no lab needs, changed so that they do without."""

import io
import zipfile
from collections.abc import Mapping

from lab import archives
from lab.errors import LabError

# A terminal, a history in a database and completion by reading sources: a browser has none of them, and IPython does
# without. It completes from the objects that are there. dateutil looks for zones where Linux has them, and reads its
# whole archive of them, which pandas waits for, though pytz's lie beside it.
TRIMMED: Mapping[str, Mapping[bytes, bytes]] = {
    "IPython/__init__.py": {b"\nfrom .terminal.embed import embed\n": b"\n"},
    "IPython/core/history.py": {b"\nimport sqlite3\n": b"\n", b"(DummyDB, sqlite3.Connection)": b"(DummyDB,)"},
    "pyodide_kernel/interpreter.py": {b"self.Completer.use_jedi = True": b"self.Completer.use_jedi = False"},
    "dateutil/tz/tz.py": {
        b'"/usr/share/zoneinfo",': b'os.path.join(os.path.dirname(__file__), "../../pytz/zoneinfo"),'
    },
}


def trimmed(archive: bytes) -> bytes:
    """The archive without what no lab needs. LabError when a source is not what it was."""
    with zipfile.ZipFile(io.BytesIO(archive)) as source:
        contents = {name: source.read(name) for name in TRIMMED.keys() & set(source.namelist())}
    if not contents:
        return archive
    changed = {name: replaced(name, text, TRIMMED[name]) for name, text in contents.items()}
    return archives.with_members(archive, changed)


def replaced(name: str, text: bytes, changes: Mapping[bytes, bytes]) -> bytes:
    """A source with each former piece, of which there is one, in its present form. LabError when it is another."""
    for former, now in changes.items():
        if text.count(former) != 1:
            raise LabError(f"{name} of the wheel is not what it was: it has not {former.decode().strip()!r} once.")
        text = text.replace(former, now)
    return text
