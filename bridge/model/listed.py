"""What somebody asks to be shown of many conversations, and what they may see of them."""

from __future__ import annotations

from enum import StrEnum

from bridge.model.decision import Scene
from bridge.model.ids import ConversationId, PersonRef
from bridge.model.incident import Incident
from bridge.model.state import Message
from bridge.model.value import Value
from bridge.model.word import Word, field


class Which(StrEnum):
    """Which conversations; the desk's words for it are these."""

    QUEUE = "queue"
    """Those that wait, the longest first; those that nobody looks after before the others."""
    MINE = "mine"
    """Those that the asker looks after."""
    CLOSING = "closing"
    """Those that wait and close soon, the soonest first."""
    FIND = "find"
    """Those in whose names or words something stands, the newest first."""


class Found(Word, kw_only=True):
    """One conversation; *message*: the newest in which it stands what was looked for, where it is no name."""

    scene: Scene
    message: Message | None = None


class Listed(Word, kw_only=True):
    """What is shown. more: there are others besides. yours: whether the asker may answer any account at all.

    ask: where they may answer none, whom they turn to. connected: whether there is any account.
    """

    found: tuple[Found, ...] = ()
    more: bool = False
    yours: bool = True
    language: str = "en"
    names: dict[PersonRef, str] = field(default_factory=dict)
    ask: tuple[PersonRef, ...] = ()
    connected: bool = True


class Listing(Word, kw_only=True):
    """Conversations that a message in an alerts channel lists, as they stand: ids and numbers, for its incident to hold.

    talks: those shown, the next to close first, of *whole* that wait. named: all that were ever shown, where that is kept;
    of these *done* need no answer any more, or have time again, and *lapsed* were not answered in time; *early* neither, but
    already before the break. look: what changes exactly when they would be shown otherwise.
    """

    talks: tuple[ConversationId, ...] = ()
    whole: int = 0
    named: tuple[ConversationId, ...] = ()
    done: int = 0
    lapsed: int = 0
    early: int = 0
    look: str = ""

    def values(self) -> dict[str, Value]:
        """As it stands in an incident."""
        numbers: dict[str, Value] = {"whole": self.whole, "done": self.done, "lapsed": self.lapsed, "early": self.early}
        return {**numbers, "look": self.look, "talks": _joined(self.talks), "named": _joined(self.named)}


def listed_in(incident: Incident, which: str = "talks") -> tuple[ConversationId, ...]:
    """The conversations that stand in an incident. which: those shown (``talks``), or all that ever were (``named``)."""
    ids = incident.values.get(which)
    return tuple(ConversationId(int(each)) for each in ids.split()) if isinstance(ids, str) else ()


def _joined(ids: tuple[ConversationId, ...]) -> str:
    return " ".join(map(str, ids))
