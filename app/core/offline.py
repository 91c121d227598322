"""The portal as an application on a device: its manifest, its service worker, and the page for when there is no link.

What is kept on a device and what becomes of it when somebody signs out is told in docs/notebooks.md.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache

from flask import Flask, Response, render_template, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_login import current_user

from app.core.access import public
from app.core.assets import Assets, current_assets
from app.core.locale import LANGUAGE_HEADER, LANGUAGES, language

WORKBOX = ("core", "routing", "strategies", "precaching")
THEME = "#084c37"
ICONS = (("192", "any"), ("512", "any"), ("512", "maskable"))


def init_app(app: Flask) -> None:
    """Add the public routes, and to each page whose it is, of which version and language, for the service worker."""
    for rule, view in (
        ("/manifest.webmanifest", manifest),
        ("/service-worker.js", service_worker),
        ("/offline", offline_page),
    ):
        app.add_url_rule(rule, view_func=public(view))

    @app.after_request
    def say_whose(response: Response) -> Response:
        if response.mimetype == "text/html":
            response.headers["Hunar-Version"] = current_assets().version
            response.headers[LANGUAGE_HEADER] = language()
        if current_user.is_authenticated:
            response.headers["Hunar-Person"] = str(current_user.id)
        return response


def manifest() -> Response:
    """The application's name and look, in the language of the page that asks."""
    wanted = request.args.get("language", "")
    with force_locale(wanted if wanted in LANGUAGES else "en"):
        return _json(
            {
                "id": "/",
                "name": _("Hunar: AI literacy for civil servants"),
                "short_name": _("Hunar"),
                "lang": language(),
                "dir": "rtl" if language() == "ur" else "ltr",
                "start_url": "/",
                "scope": "/",
                "display": "minimal-ui",
                "theme_color": THEME,
                "background_color": "#ffffff",
                "icons": [_icon(size, purpose) for size, purpose in ICONS],
            },
            "application/manifest+json",
        )


def _icon(size: str, purpose: str) -> dict[str, str]:
    name = f"img/hunar-{'maskable-' if purpose == 'maskable' else ''}{size}.png"
    return {"src": current_assets().asset(name), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}


def _json(content: object, mimetype: str) -> Response:
    response = Response(json.dumps(content, ensure_ascii=False), mimetype=mimetype)
    response.headers["Cache-Control"] = "no-cache"
    return response


def service_worker() -> Response:
    """The worker's own script only names its parts, whose addresses change with their content."""
    script = current_assets().script
    parts = [script(f"vendor/workbox/workbox-{part}.js") for part in WORKBOX]
    facts = {
        "shell": _shell(),
        "offline": url_for("offline_page"),
        "signOut": url_for("accounts.sign_out"),
        "language": url_for("accounts.choose_language"),
        "languages": list(LANGUAGES),
    }
    parts.append(script("js/service-worker.js"))
    lines = (f"self.hunar = {json.dumps(facts)};", f"importScripts(...{json.dumps(parts)});")
    response = Response("\n".join(lines), mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


def _shell() -> list[dict[str, str | None]]:
    """What the page for no link needs; it is all that a device keeps unasked."""
    assets = current_assets()
    styles = [assets.asset(name) for name in ("vendor/bootstrap/bootstrap.min.css", "css/hunar.css", "img/hunar.svg")]
    scripts = [assets.script(f"js/{name}.js") for name in ("offline", "kept")]
    addresses = [{"url": address, "revision": None} for address in styles + scripts]
    return [{"url": url_for("offline_page"), "revision": _digest_of_page(assets)}, *addresses]


@cache
def _digest_of_page(_assets: Assets) -> str:
    """Once for each application: browsers ask for the worker with every page."""
    return hashlib.sha256(offline_page().encode()).hexdigest()[:12]


def offline_page() -> str:
    """In both languages at once, and without a person: it is kept before anybody has signed in."""
    texts = {}
    for each in LANGUAGES:
        with force_locale(each):
            texts[each] = render_template("offline/texts.html")
    return render_template("offline/offline.html", texts=texts)
