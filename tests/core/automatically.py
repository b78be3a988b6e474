"""What the bridge says by itself in a decision: shared by the tests of automatic messages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bridge import threads
from bridge.model.change import replace
from bridge.model.decision import Decision, Scene
from bridge.model.effects import SendToCustomer
from bridge.model.facts import CustomerWrote
from bridge.model.outcomes import Done, Refused, Unsure
from bridge.model.state import Account, Author, Conversation, Message
from bridge.rules.desk import posting
from tests.core.factories import SECOND, account, at, customer_wrote, found, scene, untouched

CLOSED_NOW: dict[str, Any] = {"hours": "Mon-Fri 09:00-18:00", "zone": "UTC"}  # NOON is a Saturday's
MACHINE = "This is an automatic message from Shop Hanako"


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


def wrote(
    of: Account, fact: CustomerWrote | None = None, before: Conversation | None = None, *,
    waited: timedelta = timedelta(0), answering: bool = False, known: Message | None = None,
) -> Decision:  # fmt: skip
    """What a customer's message makes true, at noon where nothing else is said."""
    place = scene(known, account=of, conversation=before or untouched(), thread=None)
    return threads.decide(replace(place, answering=answering), fact or customer_wrote(), at(waited))


def patience(of: Account, talk: Conversation, waited: timedelta, *, answering: bool = False) -> Decision:
    """What the passing of time makes true."""
    return posting.window_passed(replace(scene(account=of, conversation=talk), answering=answering), at(waited))


def on_its_way(of: Account | None = None, **changes: Any) -> tuple[Scene, SendToCustomer]:
    """A first message has been answered, and the turn of that has come."""
    of = of or shop(auto_first=True)
    decision = wrote(of)
    (message,), (effect,) = said(decision), found(decision, SendToCustomer)
    return replace(scene(message, account=of, conversation=after(decision)), **changes), effect


def ended(place: Scene, effect: SendToCustomer, outcome: Done | Refused | Unsure) -> Decision:
    return threads.ended(place, effect, outcome, at(SECOND), row=501, target="network:5:sends", position=1)
