"""Copy front-end files out of node_modules into the portal's static folder, each with a brotli and gzip twin."""

from __future__ import annotations

import shutil
from pathlib import Path

from whitenoise.compress import Compressor

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "app" / "static" / "vendor"
FILES = {
    "bootstrap/dist/css/bootstrap.min.css": "bootstrap/bootstrap.min.css",
    "bootstrap/dist/css/bootstrap.rtl.min.css": "bootstrap/bootstrap.rtl.min.css",
    "htmx.org/dist/htmx.min.js": "htmx/htmx.min.js",
    "idb/build/index.js": "idb/idb.js",
    "workbox-window/build/workbox-window.prod.mjs": "workbox/workbox-window.js",
}
for part in ("core", "precaching", "routing", "strategies"):
    FILES[f"workbox-{part}/build/workbox-{part}.prod.js"] = f"workbox/workbox-{part}.js"
for family in ("noto-nastaliq-urdu", "noto-naskh-arabic"):
    for weight in (400, 700):
        name = f"{family}-arabic-{weight}-normal.woff2"
        FILES[f"@fontsource/{family}/files/{name}"] = f"fonts/{name}"


def main() -> None:
    shutil.rmtree(TARGET, ignore_errors=True)
    compressor = Compressor(quiet=True)
    for source, target in FILES.items():
        path = TARGET / target
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / "node_modules" / source, path)
        if compressor.should_compress(path.name):
            list(compressor.compress(str(path)))


if __name__ == "__main__":
    main()
