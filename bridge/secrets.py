"""Seal what must not lie open in the database: access tokens. Keys may be rotated: the first seals, all of them open."""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

OPEN_TOKENS = 1000
"""Access tokens remembered as they were opened: to open one takes as long as a fifth of a call."""


class SealError(ValueError):
    """None of the keys opens it: it was sealed with another `BRIDGE_SECRET_KEY`."""


class Sealer:
    """Seals and opens with keys of 32 bytes in URL-safe base64 (Fernet's); ValueError for anything else, or for none."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise ValueError("a key is needed")
        self._first = Fernet(keys[0])
        self._all = MultiFernet([Fernet(key) for key in keys])

    def seal(self, secret: str) -> str:
        """Encrypt with the first key; twice the same gives different texts."""
        return self._all.encrypt(secret.encode()).decode("ascii")

    def open(self, sealed: str) -> str:
        """Decrypt with whichever key fits; SealError when none does."""
        try:
            return self._all.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise SealError("sealed with another BRIDGE_SECRET_KEY") from None

    def fresh(self, sealed: str) -> bool:
        """Whether the first key alone opens it, so that the older ones are no longer needed for it."""
        try:
            self._first.decrypt(sealed.encode())
        except InvalidToken:
            return False
        return True


def keygen() -> str:
    """Make a new key."""
    return Fernet.generate_key().decode("ascii")
