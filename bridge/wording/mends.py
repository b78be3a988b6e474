"""What mends an account that cannot send: one sentence for each cause, for alerts and for `check` alike. Pure."""

from bridge.wording import Wording


def mend_of(wording: Wording, kind: str, cause: str) -> str | None:
    """Return the key of what mends a cause: as exact as there are words for."""
    return next((key for key in (f"mend.{kind}.{cause}", f"mend.{kind}") if key in wording), None)
