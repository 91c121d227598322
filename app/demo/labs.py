"""A lab of the academy's own, over its own data, which nobody has published yet."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.authoring import beginning, data_tables, queries
from app.authoring.beginning import Beginning
from app.authoring.service import bring_files
from app.content.own_labs import with_own_labs
from app.content.schemas import Catalogue
from app.content.values import Bilingual
from app.core.blobs import Blobs
from app.demo.people import MODULE_ID

LIGHTS = """\
town,reported,repaired,days
Mardan,140,121,6.5
Swabi,75,70,4
Nowshera,98,60,11
Charsadda,64,51,
Takht Bhai,37,35,3.5
Topi,22,12,14
"""


def begin_a_lab(session: Session, blobs: Blobs, author: Account, catalogue: Catalogue) -> None:
    wanted = Beginning(
        catalogue.module(MODULE_ID),
        None,
        Bilingual(en="Street lights of our towns", ur="ہمارے شہروں کی اسٹریٹ لائٹیں"),
        Bilingual(
            en="Read the repairs of street lights in six towns: where do people wait longest?",
            ur="چھے شہروں میں اسٹریٹ لائٹوں کی مرمت پڑھیں: لوگ سب سے زیادہ کہاں انتظار کرتے ہیں؟",
        ),
        minutes=40,
        competencies=("D2.1",),
    )
    lab = beginning.begin(session, blobs, author, catalogue, wanted)
    found = queries.lab(catalogue, with_own_labs(blobs, catalogue, [lab]), lab.module_id, lab.activity_id)
    table = data_tables.read("lights.csv", LIGHTS.encode(), limit_bytes=len(LIGHTS.encode()))
    bring_files(session, blobs, author, found, [table], assurance="")
