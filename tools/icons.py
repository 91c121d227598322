"""The application's icons, drawn from app/static/img/hunar.svg: `python -m tools.icons` after the drawing changed."""

from __future__ import annotations

from playwright.sync_api import sync_playwright

from config import ROOT
from tools.chromium import CHROMIUM, FLAGS

FOLDER = ROOT / "app/static/img"
GREEN = "#0b6e4f"
# Platforms cut a maskable icon to a shape of theirs; a circle of 80 % always stays.
MASKABLE_SHARE = 0.8
ICONS = (("hunar-192.png", 192, 1.0), ("hunar-512.png", 512, 1.0))
MASKABLE = (("hunar-maskable-192.png", 192, MASKABLE_SHARE), ("hunar-maskable-512.png", 512, MASKABLE_SHARE))


def page_of(drawing: str, size: int, share: float) -> str:
    background = GREEN if share < 1 else "transparent"
    edge = f"{size * share}px"
    return (
        f"<style>body{{margin:0;background:{background};display:grid;place-items:center;height:{size}px}}"
        f"svg{{width:{edge};height:{edge}}}</style>{drawing}"
    )


def main() -> None:
    drawing = (FOLDER / "hunar.svg").read_text()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        for name, size, share in ICONS + MASKABLE:
            page = browser.new_page(viewport={"width": size, "height": size})
            page.set_content(page_of(drawing, size, share))
            page.screenshot(path=FOLDER / name, omit_background=True)
        browser.close()


if __name__ == "__main__":
    main()
