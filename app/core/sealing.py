"""What the database may keep but nobody who reads the database may use, sealed under the portal's secret."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Seal:
    """Seals texts, and marks them where it is enough to know them again.

    Keys are derived from the secret, one for each purpose (HKDF, RFC 5869): a new secret opens nothing that was sealed.
    """

    def __init__(self, secret_key: str, purpose: str) -> None:
        self._box = Fernet(base64.urlsafe_b64encode(_derived(secret_key, f"{purpose}: seal")))
        self._marking = _derived(secret_key, f"{purpose}: mark")

    def close(self, text: str) -> str:
        return self._box.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Raises cryptography.fernet.InvalidToken for what was sealed by another secret, or altered."""
        return self._box.decrypt(sealed.encode()).decode()

    def mark(self, text: str) -> str:
        """The same for the same text, 64 signs; the text cannot be found from it without the secret."""
        return hmac.new(self._marking, text.encode(), hashlib.sha256).hexdigest()


def _derived(secret_key: str, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret_key.encode())
