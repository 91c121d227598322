"""What a module needs on a device to open there without a link."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import Any

from flask import url_for

from app.content.schemas import Activity, Module, Notebook, Simulation
from app.core.assets import current_assets
from app.core.locale import LANGUAGES

PAGES_ELSEWHERE = {"simulation": "sims.desk", "notebook": "notebooks.lab"}
# Room, and bytes over the link, of the longest page, lab and document: measured and rounded up.
PAGE = (30_000, 7_000)
LAB = (95_000, 16_000)
DOCUMENT = (50_000, 50_000)


@dataclass(frozen=True)
class Copy:
    """Something to fetch and keep. language: "" where it is in none. bytes: of room; sent: over the link; estimated."""

    address: str
    language: str
    bytes: int
    sent: int


def activity_address(module_id: str, activity: Activity) -> str:
    endpoint = PAGES_ELSEWHERE.get(activity.kind, "learning.activity")
    return url_for(endpoint, module_id=module_id, activity_id=activity.id)


def version(module: Module) -> str:
    """Changes with the module and with the portal's files."""
    return hashlib.sha256(f"{current_assets().version} {module.digest}".encode()).hexdigest()[:12]


def kept_list(module: Module) -> dict[str, Any]:
    """Pages and files of a module by their addresses, with what plays its simulations on the device."""
    copies = _copies(module)
    assets = current_assets().pages()
    if any(isinstance(activity, Simulation) for activity in module.activities):
        assets += current_assets().desk()
    return {
        "module": module.id,
        "list": url_for("learning.kept", module_id=module.id),
        "address": copies[0].address,
        "title": {"en": module.title.en, "ur": module.title.ur},
        "version": version(module),
        "has_notebook": any(isinstance(activity, Notebook) for activity in module.activities),
        "pages": list(dict.fromkeys(copy.address for copy in copies)),
        "copies": [asdict(copy) for copy in copies],
        "assets": [asdict(asset) for asset in assets],
    }


def _copies(module: Module) -> list[Copy]:
    """Each page in each language, and what is in no language once."""
    copies = _in_each_language(url_for("learning.module_page", module_id=module.id), PAGE)
    for activity in module.activities:
        size = LAB if isinstance(activity, Notebook) else PAGE
        copies += _in_each_language(activity_address(module.id, activity), size)
        if isinstance(activity, Simulation):
            address = url_for("sims.run_to_keep", module_id=module.id, activity_id=activity.id)
            copies.append(Copy(address, "", *DOCUMENT))
        if isinstance(activity, Notebook):
            address = url_for("notebooks.notebook", module_id=module.id, activity_id=activity.id)
            copies.append(Copy(address, "", *DOCUMENT))
            copies += _own_files(module.id, activity)
    return copies


def _own_files(module_id: str, lab: Notebook) -> list[Copy]:
    """The data that the academy brought: they are not on the notebook site, and are kept with the person's pages."""
    return [
        Copy(
            url_for("notebooks.data_file", module_id=module_id, activity_id=lab.id, name=name),
            "",
            file.size_bytes,
            file.sent_bytes,
        )
        for name, file in lab.own_files.items()
    ]


def _in_each_language(address: str, size: tuple[int, int]) -> list[Copy]:
    return [Copy(address, language, *size) for language in LANGUAGES]
