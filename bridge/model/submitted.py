"""What people send in by a window."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.model.act import Act
from bridge.model.desk import FromDesk
from bridge.model.ids import MessageId, PersonRef, PlaceRef, PostRef
from bridge.model.state import Value
from bridge.model.word import field


class Submitted(FromDesk, kw_only=True):
    """Somebody sent a window in.

    message: what it is about. root: of the thread it belongs to. text: the words they typed, if there was room for any;
    mentions, leads_inside: what stands in them, as of a message that was typed in a thread.
    values: what else they chose, by the field's name; never words.
    """

    act: Act
    person: PersonRef
    place: PlaceRef
    root: PostRef
    message: MessageId | None = None
    text: str | None = None
    mentions: bool = False
    leads_inside: bool = False
    values: Mapping[str, Value] = field(default_factory=dict)
