"""A teacher of a platform chooses a part, and the platform is sent what was chosen, signed (deep linking)."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy.orm import Session

from app.core import clock
from app.lti import service
from app.lti.messages import CLAIM, DEEP_LINKING, VERSION, Message
from app.lti.models import Platform
from app.lti.parts import Part
from app.lti.tool import Tool

ANSWER = "LtiDeepLinkingResponse"
ANSWER_SECONDS = 600


def answer(session: Session, tool: Tool, platform: Platform, message: Message, part: Part | None) -> str:
    """What the platform is sent, as a JSON Outgoing Token. part: None for nothing chosen."""
    now = int(clock.now().timestamp())
    claims: dict[str, Any] = {
        "iss": platform.client_id,
        "aud": platform.issuer,
        "iat": now,
        "exp": now + ANSWER_SECONDS,
        "nonce": secrets.token_urlsafe(24),
        CLAIM + "deployment_id": message.deployment,
        CLAIM + "message_type": ANSWER,
        CLAIM + "version": VERSION,
        DEEP_LINKING + "content_items": [] if part is None else [_item(tool, message, part)],
    }
    if message.data:
        claims[DEEP_LINKING + "data"] = message.data
    return tool.sign(service.key_that_signs(session, tool, platform.academy_id), claims)


def _item(tool: Tool, message: Message, part: Part) -> dict[str, Any]:
    item: dict[str, Any] = {
        "type": "ltiResourceLink",
        "title": part.title,
        "url": tool.origin + part.place.path,
        "window": {"targetName": "_blank"},
    }
    if part.points is not None and message.takes_line_items:
        item["lineItem"] = {"label": part.title, "scoreMaximum": part.points, "resourceId": part.place.path.lstrip("/")}
    return item
