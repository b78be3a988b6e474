"""What the bridge says by itself in a decision: shared by the tests of automatic messages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bridge.model.decision import Decision
from bridge.model.effects import SendToCustomer
from bridge.model.state import Account, Author, Conversation, Message
from tests.core.factories import account, found


def shop(of: Account = account(), **settings: Any) -> Account:  # noqa: B008 - frozen
    """An account with settings."""
    return replace(of, settings=replace(of.settings, **settings))


def said(decision: Decision) -> list[Message]:
    """What the bridge says by itself."""
    return [each for each in decision.messages if each.author is Author.BRIDGE]


def occasions(decision: Decision) -> list[str]:
    """Why it says that; each on its way."""
    assert len(said(decision)) == len(found(decision, SendToCustomer))
    return [each.kind for each in said(decision)]


def after(decision: Decision) -> Conversation:
    """The conversation as it is then."""
    assert decision.conversation is not None
    return decision.conversation
