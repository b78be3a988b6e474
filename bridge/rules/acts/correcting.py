"""Corrections of answers that have gone: each goes once, however often the same words are sent in.

Rule 1: the same correction is one of the same message with the same words, for as long as those go or have gone.
"""

from __future__ import annotations

from bridge.model.change import replace
from bridge.model.decision import Decision, Noted, Scene
from bridge.model.facts import Submitted
from bridge.model.ids import MessageId
from bridge.model.state import ReplyState, Said
from bridge.rules.base import Context

ACTION = "message.correct"
TWICE = Said(key="reply.corrected_already")
OVER = frozenset({ReplyState.NOTE, ReplyState.REFUSED, ReplyState.WITHDRAWN})
"""What became of a correction that customers did not get, and will not."""


def corrected(message: MessageId) -> str:
    """What the audit calls a message that was corrected."""
    return f"message:{message}"


def is_known(scene: Scene, fact: Submitted) -> bool:
    """Whether these words go as a correction of this message already, or have gone."""
    return any(each.text == fact.text and each.state not in OVER for each in scene.copies.corrections)


def noted(fact: Submitted, decision: Decision, context: Context) -> Decision:
    """The decision with what is kept of it: who corrected what, and by which message."""
    if fact.message is None or not decision.messages:
        return decision
    line = Noted(
        who=fact.person,
        at=context.moment.now,
        action=ACTION,
        before={},
        after={"correction": decision.messages[0].id},
        object=corrected(fact.message),
    )
    return replace(decision, noted=(*decision.noted, line))
