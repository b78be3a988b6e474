"""Tickets: each tick makes what is due; what a ticket system tells of one is decided."""

from __future__ import annotations

import json
from typing import Final

from bridge.model.change import replace
from bridge.model.decision import Decision, Moment, Scene
from bridge.model.facts import Ignored
from bridge.model.ids import TicketId
from bridge.model.outcomes import RawItem
from bridge.model.state import Known, Workspace
from bridge.model.tickets import TicketReported
from bridge.ports import Needs, Transaction
from bridge.rules.base import Context
from bridge.rules.desk import tickets
from bridge.workers.base import Tools

SOURCE: Final = "ticket"
"""The source of what ticket systems tell, as items of the inbox."""
LIMIT: Final = 200


def tell(tx: Transaction, tools: Tools, moment: Moment) -> None:
    """Make the tickets that the timer wants; another process may have been quicker."""
    context = tools.context(tx, moment)
    for conversation in tx.tickets.due(moment.now, LIMIT):
        scene = tx.scenes.of_conversation(conversation)
        ahead = None if scene is None else scene.conversation.ticket_at
        if scene is not None and ahead is not None and ahead <= moment.now:
            tx.apply(scene, tickets.timer(scene, context), moment.steady)


def reported(tx: Transaction, fact: TicketReported, context: Context) -> tuple[Scene | None, Decision]:
    """What a ticket system told of one makes true."""
    ticket = tx.tickets.one(fact.ticket)
    scene = None if ticket is None else tx.scenes.of_conversation(ticket.conversation)
    if scene is None:
        return None, Decision(ignored="no such ticket")
    scene = replace(scene, tickets=tx.tickets.of(scene.conversation.id))  # again: its conversation is locked now
    return scene, tickets.reported(scene, fact, context)


def to_item(key: str, fact: TicketReported) -> RawItem:
    """As the inbox keeps it: once under its key, and after what was told of the same ticket before."""
    said = {"ticket": fact.ticket, "status": fact.status, "link": fact.link, "number": fact.number}
    return RawItem(
        key=f"{SOURCE}:{key}",
        source=SOURCE,
        lane=f"{SOURCE}:{fact.ticket}",
        at=fact.at,
        body=json.dumps(said).encode(),
    )


class TicketParser:
    """The `bridge.ports.Parser` of what ticket systems tell."""

    def needs(self, body: bytes) -> Needs:
        """Nobody of the desk."""
        return Needs()

    def read(self, item: RawItem, known: Known, workspace: Workspace | None) -> TicketReported | Ignored:
        """What was kept."""
        try:
            said = json.loads(item.body)
        except ValueError:
            return Ignored(why="unreadable")
        return TicketReported(
            at=item.at, ticket=TicketId(said["ticket"]), status=said["status"], link=said["link"], number=said["number"]
        )
