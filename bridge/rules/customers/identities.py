"""One customer under two ids: an account that changes its login hears of its customers under other ids from then on.

Rule 1: they are joined by a message that both know, or by a handle that exactly one other has; never by a name.
Rule 2: a stranger's first words wait a little for who that is. Where nobody can tell, a conversation of their own begins.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bridge.model.change import replace
from bridge.model.decision import Decision, Scene, Wait
from bridge.model.earlier import Earlier
from bridge.model.ids import ConversationId
from bridge.model.state import Said
from bridge.rules.base import Context, line
from bridge.rules.customers.customer import profile_due

JOINED = Said(key="thread.joined")


def is_stranger(scene: Scene) -> bool:
    """Whether nothing has come of this customer yet."""
    talk = scene.conversation
    return talk.thread is None and talk.last_at is None and scene.message is None and scene.customer.comments_as is None


def judged(scene: Scene, earlier: Earlier, context: Context, *, waited: bool) -> ConversationId | Decision | None:
    """In which conversation the stranger's words go on; or a wait for their handle; None: in one of their own."""
    found = earlier.by_message or earlier.by_handle
    if found:
        return found[0] if len(found) == 1 else None
    if waited or scene.customer.profile_at is not None:
        return None
    wait = Wait(until=context.moment.steady + context.rules.fact_wait, missing="handle")
    return Decision(effects=profile_due(scene, context), wait=wait)


def noted(scene: Scene, decision: Decision, at: datetime) -> Decision:
    """The decision about a customer's first act under the other id, with a line before it that they are the same."""
    if scene.customer.blocked is not None:
        return decision
    after = scene if decision.conversation is None else replace(scene, conversation=decision.conversation)
    told = line(after, JOINED, at - timedelta(microseconds=1))
    return replace(decision, effects=(*told, *decision.effects))
