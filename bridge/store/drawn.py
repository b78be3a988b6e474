"""What is drawn, or made into something, besides the message itself: for the few effects that need more of it."""

from __future__ import annotations

import sqlalchemy as sa

from bridge.model.change import replace
from bridge.model.effects import (
    AnyEffect,
    GiveTranscript,
    PostMessage,
    PutTicket,
    RedactTicket,
    RedrawPost,
    Revise,
    SendToCustomer,
    ShowRead,
)
from bridge.model.listed import listed_in
from bridge.model.queues import About
from bridge.store import closing, tickets
from bridge.store.copies import beside as drawn_beside
from bridge.store.reading import all_said, last_read, listed_scenes


def drawn(conn: sa.Connection, effect: AnyEffect, draft: About) -> About:
    """With what is drawn besides the message itself, for the few effects that draw such."""
    scene = draft.scene
    if draft.incident is not None and (talks := listed_in(draft.incident)):
        return replace(draft, listed=listed_scenes(conn, talks), made_of=None)
    if draft.incident is not None and (held := closing.shown(conn, effect, draft.incident)):
        return replace(draft, closings=held, made_of=None)
    match effect:
        case _ if scene is None:
            return draft
        case GiveTranscript():
            scene = replace(scene, shown=all_said(conn, effect.conversation))
        case PutTicket() if scene.tickets:
            scene = replace(scene, shown=tickets.said_in(conn, scene.tickets[0]))
            return replace(draft, scene=scene, sealed=tickets.sealed_of(conn, effect.account), made_of=None)
        case RedactTicket():
            return replace(draft, sealed=tickets.sealed_of(conn, effect.account), made_of=None)
        case ShowRead():
            scene = replace(scene, message=last_read(conn, scene))
        case PostMessage() | RedrawPost() | Revise() | SendToCustomer():
            scene = drawn_beside(conn, effect, scene)
        case _:
            return draft
    return draft if scene is draft.scene else replace(draft, scene=scene, made_of=None)
