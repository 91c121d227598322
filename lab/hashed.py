"""Files whose names carry the digest of their content, which browsers keep for good (lab/server.py)."""

from pathlib import Path

from lab.wheels import sha256


def put(content: bytes, name: str, folder: Path) -> str:
    """Write the content into the folder under this name with its digest before the suffix; that name."""
    stem, suffix = name.rsplit(".", 1)
    hashed = f"{stem}.{sha256(content)[:12]}.{suffix}"
    (folder / hashed).write_bytes(content)
    return hashed
