"""Answers that a house keeps: saved, changed and deleted by agents, and gone with the customer's words they were made from.

Rule 1: what stands in braces is filled in when one is chosen: who the customer is, who answers; anything else is no placeholder.
Rule 2: a customer who takes a message back takes with it what was saved from it, or from an answer that repeats it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from bridge.model.decision import Decision, Noted, Scene
from bridge.model.facts import Submitted
from bridge.model.ids import MessageId
from bridge.model.saved import SavedReply, SavedReplyId
from bridge.model.state import Said, Value
from bridge.rules.base import Context, nothing

PLACEHOLDERS = frozenset({"customer", "agent"})
_BRACES = re.compile(r"\{([^{}\n]{0,40})\}")


def unknown(text: str) -> tuple[str, ...]:
    """What stands in braces and is no placeholder."""
    return tuple(each for each in dict.fromkeys(_BRACES.findall(text)) if each.strip() not in PLACEHOLDERS)


def unfilled(text: str) -> tuple[str, ...]:
    """The placeholders that a text still holds."""
    return tuple(each for each in dict.fromkeys(_BRACES.findall(text)) if each.strip() in PLACEHOLDERS)


def filled(text: str, values: Mapping[str, str | None]) -> str:
    """A saved text with these values; a placeholder whose value is not known stays."""

    def fill(found: re.Match[str]) -> str:
        return values.get(found[1].strip()) or found[0]

    return _BRACES.sub(fill, text)


def saved(scene: Scene, fact: Submitted, context: Context) -> tuple[Decision, Said]:
    """Keep an answer, new or changed; who sent it in reads that it is kept."""
    text, name = fact.text or "", str(fact.values.get("name") or "")
    known = chosen(fact.values)
    if not name or not text or unknown(text):
        return nothing("nothing to save"), Said(key="window.empty")
    language = str(fact.values.get("language") or scene.workspace.language)
    same = called(scene.saved, name, language, but=known)
    if same is not None and same.text != text:
        return nothing("the name is taken"), Said(key="saved.name_taken", values={"name": name})
    if same is not None:
        return nothing("kept already"), Said(key="saved.kept", values={"name": name})
    reply = SavedReply(
        id=known or SavedReplyId(context.new_id()),
        account=scene.account.id,
        name=name,
        language=language,
        text=text,
        by=fact.person,
        at=context.moment.now,
        source=fact.message,
    )
    noted = _noted(fact, context, reply.id, "change" if known else "save", {"language": reply.language})
    return Decision(saved=(reply,), noted=(noted,)), Said(key="saved.kept", values={"name": name})


def called(replies: Iterable[SavedReply], name: str, language: str, *, but: SavedReplyId | None) -> SavedReply | None:
    """Another reply of this name in this language, which is changed on purpose, or not at all."""
    alike = (each for each in replies if (each.name, each.language) == (name, language) and each.id != but)
    return next(alike, None)


def deleted(fact: Submitted, context: Context) -> tuple[Decision, Said]:
    """Keep it no longer."""
    known = chosen(fact.values)
    if known is None:
        return nothing("nothing chosen"), Said(key="window.empty")
    return Decision(unsaved=(known,), noted=(_noted(fact, context, known, "delete", {}),)), Said(key="saved.deleted")


def made_from(scene: Scene, message: MessageId) -> tuple[MessageId, ...]:
    """Messages that took a customer's words along: what was saved from them goes."""
    return (message, *(reply.id for reply in scene.copies.repeated))


def chosen(values: Mapping[str, Value]) -> SavedReplyId | None:
    """The one that is to be changed or deleted; None: a new one."""
    given = str(values.get("saved") or "")
    return SavedReplyId(int(given)) if given.isdecimal() and int(given) > 0 else None


def _noted(fact: Submitted, context: Context, reply: SavedReplyId, what: str, after: Mapping[str, Value]) -> Noted:
    return Noted(
        who=fact.person,
        at=context.moment.now,
        action=f"saved_reply.{what}",
        before={},
        after=after,
        object=f"saved_reply:{reply}",
    )
