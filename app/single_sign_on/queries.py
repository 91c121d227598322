"""Reads about whom a provider sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Academy, Account
from app.core.errors import Refused
from app.single_sign_on.models import Identity
from app.single_sign_on.providers import Provider


class NotLetIn(Refused):
    """Whom a provider sent does not come in. username: whose account they wanted; empty where that was not said."""

    def __init__(self, message: str, *, username: str = "", status: int = 422) -> None:
        super().__init__(message, status=status)
        self.username = username


@dataclass(frozen=True)
class Sent:
    """What a provider said of somebody whom it sent: by its tokens' issuer, their subject and the name here."""

    academy: str
    issuer: str
    subject: str
    username: str

    @classmethod
    def of_claims(cls, academy: str, provider: Provider, claims: Mapping[str, Any]) -> Self:
        """Raises NotLetIn when the provider does not say a name here, or says an e-mail that it did not check."""
        username = str(claims.get(provider.username_claim) or "").strip().lower()
        if not username or (provider.username_claim == "email" and claims.get("email_verified") is not True):
            raise NotLetIn(
                _("The sign-on of your academy does not say which account is yours. Tell its administrator.")
            )
        return cls(academy, str(claims["iss"]), str(claims["sub"]), username)

    def as_kept(self) -> dict[str, str]:
        return asdict(self)


def account_of(session: Session, sent: Sent) -> tuple[Account, bool]:
    """Whose account that is, and whether it was linked before.

    Raises NotLetIn when the academy has no such account, or when it belongs to somebody else at the provider.
    """
    of_academy = select(Account).join(Academy, Academy.id == Account.academy_id).where(Academy.slug == sent.academy)
    linked = of_academy.join(Identity, Identity.account_id == Account.id).where(
        Identity.issuer == sent.issuer, Identity.subject == sent.subject
    )
    if (account := session.scalar(linked)) is not None:
        return account, True
    account = session.scalar(of_academy.where(Account.username == sent.username))
    if account is None:
        raise NotLetIn(
            _(
                "Your academy has no account with the user name %(name)s. Ask its administrator to add you.",
                name=sent.username,
            ),
            username=sent.username,
            status=403,
        )
    taken = select(Identity.id).where(Identity.issuer == sent.issuer, Identity.account_id == account.id)
    if session.scalar(taken) is not None:
        raise NotLetIn(
            _(
                "The account %(name)s is somebody else's at the sign-on. Tell the administrator.",
                name=sent.username,
            ),
            username=sent.username,
            status=403,
        )
    return account, False
