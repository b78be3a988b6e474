"""The three ways of answering: which of an agent's messages are meant for the customer, and when they go.

Rule 1: where answers are marked, what bears no mark stays inside; what counts is the way in which it was written.
Rule 2: where answers can be stopped, they rest first; a private note stays one in all three.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bridge import aliases, prefixes
from bridge.model.decision import Scene
from bridge.model.effects import Button
from bridge.model.facts import Act
from bridge.model.state import AccountSettings, Message, ReplyState, Said
from bridge.rules.base import Context
from bridge.wording import Wording

STOP = Button(act=Act.STOP, label=Said(key="button.stop"))
SEND_INSIDE = Button(act=Act.SEND_TO_CUSTOMER, label=Said(key="button.send_to_customer"), style="primary")
NOTE = Said(key="not_relayed.note")
SHARED = Said(key="not_relayed.shared")
UNMARKED = Said(key="not_relayed.unmarked")
UNMARKED_FILE = Said(key="not_relayed.unmarked_file")
STOPPED = Said(key="not_relayed.stopped")
KEPT = Said(key="not_relayed.kept_inside")
SENDABLE = frozenset({UNMARKED.key, UNMARKED_FILE.key, STOPPED.key, KEPT.key, SHARED.key})
"""Why a message may be inside that a person may yet send; a private note may not."""


def marked(settings: AccountSettings, at: datetime) -> bool:
    """Whether what was written at *at* goes by its mark alone, though it be heard after the way has changed."""
    return settings.answer_mode == "explicit" or (settings.marked_until is not None and at < settings.marked_until)


def words(settings: AccountSettings, text: str, at: datetime) -> str | None:
    """What of a message, written at *at*, is meant for the customer; None: nothing, it bears no mark."""
    return prefixes.after_sign(text, settings.explicit_sign) if marked(settings, at) else text


def perhaps(settings: AccountSettings, text: str, at: datetime) -> str | None:
    """What follows the misspelt mark of a message; None: it bears none, or none is needed."""
    return prefixes.after_almost_sign(text, settings.explicit_sign) if marked(settings, at) else None


def said(settings: AccountSettings, text: str, at: datetime) -> str:
    """The words of a message without the mark, misspelt or not."""
    for meant in (words(settings, text, at), perhaps(settings, text, at)):
        if meant is not None:
            return meant
    return text


def is_note(settings: AccountSettings, text: str) -> bool:
    """Whether a message is a private note; a mark before the sign of a note makes it no answer, wherever marks count."""
    rest: str | None = text
    while rest is not None:
        if prefixes.is_note(rest):
            return True
        after = prefixes.after_sign(rest, settings.explicit_sign)
        rest = prefixes.after_almost_sign(rest, settings.explicit_sign) if after is None else after
    return False


def unmarked(message: Message) -> bool:
    """Whether a message is inside for the want of a mark alone."""
    return message.state is ReplyState.NOTE and message.reason in (UNMARKED, UNMARKED_FILE)


def sendable(settings: AccountSettings, message: Message) -> bool:
    """Whether a person may send a message that stayed inside."""
    if message.state is not ReplyState.NOTE or message.reason is None or is_note(settings, message.text or ""):
        return False
    return message.reason.key in SENDABLE


def signature(scene: Scene, message: Message) -> str | None:
    """What stands under an answer for the customer: who wrote it; None: nothing, or nobody knows who that is any more."""
    how = scene.account.settings.signature
    if how == "none":
        return None
    settings, people = scene.account.settings, scene.known.people
    name = aliases.called(settings, message.person, people, first=how == "first")
    if name is None:
        return None if message.person in people else message.signature
    return Wording(scene.workspace.language).say("signature.agent", agent=name)


def rest(settings: AccountSettings, context: Context) -> timedelta:
    """How long a new answer rests before it goes."""
    if settings.answer_mode != "undo":
        return context.rules.rest
    return max(context.rules.rest, timedelta(seconds=settings.undo_seconds))
