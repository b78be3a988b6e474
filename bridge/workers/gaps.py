"""After a gap in what the desk tells: the threads of all open conversations are read again, the latest active first.

Rule 1: one slice at once; the rest is kept in the inbox, slice by slice, and so outlives the process.
Rule 2: how fast they are read is the outbox's affair: reading threads has a pace of its own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from bridge.model.decision import Moment, Scene
from bridge.model.facts import DeliveriesMissed, ThreadsUnread
from bridge.model.ids import ConversationId, PlaceRef, WorkspaceId
from bridge.model.outcomes import RawItem
from bridge.model.state import Known, Workspace
from bridge.ports import Needs, Transaction
from bridge.rules.customers import history
from bridge.workers.base import Tools

SOURCE = "gap"
"""The source of what a gap has left to be read, as items of the inbox."""
SLICE = 100
"""So many conversations are looked at in one transaction."""


def found(tx: Transaction, tools: Tools, workspace: WorkspaceId, place: PlaceRef | None, moment: Moment) -> list[Scene]:
    """The first slice of a gap's conversations; the others come as facts. *place*: of one place, or all."""
    everything = tx.ticks.open_conversations(workspace, place, moment.now)
    slices = [tuple(everything[start : start + SLICE]) for start in range(0, len(everything), SLICE)]
    left = [len(everything) - SLICE * number for number in range(1, len(slices) + 1)]
    facts = [
        ThreadsUnread(workspace=workspace, at=moment.now, conversations=each, left=max(0, after))
        for each, after in zip(slices, left, strict=True)
    ]
    if not facts:
        return []
    tx.facts.keep([_item(each, tx.new_id()) for each in facts[1:]], moment.steady)
    return unread(tx, tools, facts[0], moment)


def unread(tx: Transaction, tools: Tools, fact: ThreadsUnread, moment: Moment) -> list[Scene]:
    """Those of one slice that are open still, and what stands in their threads as far as we know."""
    scenes = tx.ticks.open_threads(fact.conversations, moment.now, since=moment.now - tools.rules.reread)
    tools.told.gap(fact.workspace, len(scenes), fact.left)
    return scenes


def _item(fact: ThreadsUnread, number: int) -> RawItem:
    body = {"conversations": fact.conversations, "left": fact.left}
    return RawItem(
        key=f"{SOURCE}:{fact.workspace}:{number}",
        source=SOURCE,
        lane=f"{SOURCE}:{fact.workspace}",
        at=fact.at,
        body=json.dumps(body).encode(),
        workspace=fact.workspace,
    )


class Missed:
    """The `bridge.ports.Parser` of what the network may have told in vain."""

    def needs(self, body: bytes) -> Needs:
        """Nobody."""
        return Needs()

    def read(self, item: RawItem, known: Known, workspace: Workspace | None) -> DeliveriesMissed:
        """What was kept."""
        return history.from_body(item.body)


class Gaps:
    """The `bridge.ports.Parser` of what a gap has left."""

    def needs(self, body: bytes) -> Needs:
        """Nobody: conversations are named by their ids."""
        return Needs()

    def read(self, item: RawItem, known: Known, workspace: Workspace | None) -> ThreadsUnread:
        """The slice that was kept."""
        if item.workspace is None:
            raise ValueError("a gap of no workspace")
        body = json.loads(item.body)
        conversations: Sequence[int] = body["conversations"]
        return ThreadsUnread(
            workspace=item.workspace,
            at=item.at,
            conversations=tuple(map(ConversationId, conversations)),
            left=int(body["left"]),
        )
