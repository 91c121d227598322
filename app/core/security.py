"""Headers, cookies, form tokens and rate limits."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, Response, current_app
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect

from config import Settings

limiter = Limiter(get_remote_address)
csrf = CSRFProtect()


def guesses() -> str:
    """How often one may try, by the settings, what opens something to who guesses right."""
    return str(current_app.config["SIGN_IN_LIMIT"])


def content_security_policy(settings: Settings, *, framed_by: str = "'self'", sends_forms_to: str = "'self'") -> str:
    """Scripts and styles from our own files only; the notebook origin may be framed, and nothing else.

    framed_by: who may show the page in a frame; sends_forms_to: where its forms may go.
    """
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            f"frame-src 'self' {settings.notebook_origin}",
            f"form-action {sends_forms_to}",
            "base-uri 'none'",
            f"frame-ancestors {framed_by}",
            "manifest-src 'self'",
        )
    )


def init_app(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="hunar_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_scheme == "https",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.session_hours),
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=settings.upload_bytes,
        RATELIMIT_STORAGE_URI=settings.rate_limit_storage,
        RATELIMIT_HEADERS_ENABLED=True,
    )
    csrf.init_app(app)
    limiter.init_app(app)
    policy = content_security_policy(settings)

    @app.after_request
    def harden(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        if response.mimetype == "text/html":
            response.headers.setdefault("Cache-Control", "no-store")
        return response
