"""What a module needs on a device to open there without a link."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Any

from flask import url_for

from app.content.schemas import Activity, Module, Notebook, Simulation
from app.core.assets import current_assets
from app.core.locale import language

PAGES_ELSEWHERE = {"simulation": "sims.desk", "notebook": "notebooks.lab"}
# Of a page as it is kept, uncompressed, and over the link: the longest, measured and rounded up.
PAGE_BYTES, PAGE_SENT_BYTES = 90_000, 14_000


def activity_address(module_id: str, activity: Activity) -> str:
    endpoint = PAGES_ELSEWHERE.get(activity.kind, "learning.activity")
    return url_for(endpoint, module_id=module_id, activity_id=activity.id)


def version(module: Module) -> str:
    """Changes with the module, with the portal's files and with the reader's language."""
    return hashlib.sha256(f"{current_assets().version} {module.digest} {language()}".encode()).hexdigest()[:12]


def kept_list(module: Module) -> dict[str, Any]:
    """Pages and files of a module by their addresses, with what plays its simulations on the device.

    page_bytes is room for all pages together, page_sent their way over the link, both estimated.
    """
    pages = [url_for("learning.module_page", module_id=module.id)]
    for activity in module.activities:
        pages.append(activity_address(module.id, activity))
        if isinstance(activity, Simulation):
            pages.append(url_for("sims.run_to_keep", module_id=module.id, activity_id=activity.id))
        if isinstance(activity, Notebook):
            pages.append(url_for("notebooks.notebook", module_id=module.id, activity_id=activity.id))
    assets = current_assets().pages()
    if any(isinstance(activity, Simulation) for activity in module.activities):
        assets += current_assets().desk()
    return {
        "module": module.id,
        "list": url_for("learning.kept", module_id=module.id),
        "address": pages[0],
        "title": {"en": module.title.en, "ur": module.title.ur},
        "version": version(module),
        "has_notebook": any(isinstance(activity, Notebook) for activity in module.activities),
        "pages": pages,
        "page_bytes": PAGE_BYTES * len(pages),
        "page_sent": PAGE_SENT_BYTES * len(pages),
        "assets": [asdict(asset) for asset in assets],
    }
