"""What all facts from the network have in common."""

from __future__ import annotations

from datetime import datetime

from bridge.model.state import Platform
from bridge.model.word import Word


class FromNetwork(Word, kw_only=True):
    """The base of what the network tells: about one customer of one account, at the event's own time."""

    platform: Platform
    account: str
    """The network's id of the account."""
    customer: str
    """The network's id of the customer, scoped to the account."""
    at: datetime
    standby: bool = False
    """Told to us as to one who stands by: another app has the conversation."""
