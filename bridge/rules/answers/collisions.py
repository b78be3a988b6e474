"""Answers that cross: somebody else wrote just before, and whoever answers cannot have seen it.

Rule 1: only where the account wants it; the author is asked, with what came meanwhile, and nothing is ever lost.
Rule 2: of two answers that cross the one that is heard first goes, and the other's author is asked.
"""

from __future__ import annotations

from datetime import datetime

from bridge.model.change import replace
from bridge.model.decision import Decision, Scene
from bridge.model.effects import SendToCustomer
from bridge.model.ids import PersonRef
from bridge.model.state import Author, ReplyState, Said, Value
from bridge.rules.base import Context


def meanwhile(scene: Scene, person: PersonRef | None, at: datetime, context: Context) -> Said | None:
    """What its author cannot have seen when they wrote, or changed, an answer at *at*; None: nothing, or nobody asks."""
    if not scene.account.settings.collisions:
        return None
    talk = scene.conversation
    colleague = _colleague(scene, person, at, context)
    customer = talk.last_at is not None and at - talk.last_at < context.rules.unseen
    values: dict[str, Value] = {} if colleague is None else {"agent": colleague}
    if customer and colleague is not None:
        return Said(key="reply.question_both_wrote", values=values)
    if colleague is not None:
        return Said(key="reply.question_colleague_wrote", values=values)
    if customer:
        return Said(key="reply.question_customer_wrote")
    return Said(key="reply.question_answered_elsewhere") if _elsewhere(scene, at, context) else None


def _colleague(scene: Scene, person: PersonRef | None, at: datetime, context: Context) -> PersonRef | None:
    """Another agent whose answer is on its way, or has gone, about the same time."""
    talk, unseen = scene.conversation, context.rules.unseen
    for who, when in ((talk.written_by, talk.written_at), (talk.answered_by, talk.answered_at)):
        if who is not None and when is not None and who != person and abs(at - when) < unseen:
            return who
    return None


def _elsewhere(scene: Scene, at: datetime, context: Context) -> bool:
    """Whether the business answered in the network's own app, or another one, about the same time."""
    talk = scene.conversation
    return (
        talk.answered_at is not None and talk.answered_by is None and abs(at - talk.answered_at) < context.rules.unseen
    )


def noted(scene: Scene, decision: Decision) -> Decision:
    """The decision, with who answers now, for whoever answers next."""
    if not scene.account.settings.collisions or decision.wait is not None:
        return decision
    going = [each.effect.message for each in decision.effects if isinstance(each.effect, SendToCustomer)]
    for message in decision.messages:
        ours = message.author is Author.AGENT and message.state is ReplyState.WAITING and message.id in going
        if ours and message.person is not None:
            talk = decision.conversation or scene.conversation
            written = message.edited_at or message.at
            return replace(decision, conversation=replace(talk, written_by=message.person, written_at=written))
    return decision
