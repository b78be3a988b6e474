"""What the desk tells of itself: its places and groups, and that it speaks to us again."""

from __future__ import annotations

from typing import assert_never

from bridge.model.change import replace
from bridge.model.decision import Decision, Moment
from bridge.model.facts import (
    CredentialsAlive,
    EventsMissed,
    GroupLearnt,
    PlaceChange,
    PlaceChanged,
    PlaceRenumbered,
    ThreadsUnread,
)
from bridge.ports import Transaction
from bridge.rules.desk import ops, places
from bridge.workers import gaps, groups
from bridge.workers.base import Tools

OfTheDesk = CredentialsAlive | PlaceChanged | PlaceRenumbered | EventsMissed | ThreadsUnread | GroupLearnt


def decided(tx: Transaction, tools: Tools, fact: OfTheDesk, moment: Moment) -> Decision:
    """Where the desk, or one place, tells us what is written again: what was written meanwhile is read."""
    context = tools.context(tx, moment)
    match fact:
        case GroupLearnt():
            return groups.decided(tx, tools, fact, moment)
        case PlaceChanged(place=place) if fact.change is PlaceChange.USABLE:
            reread = gaps.found(tx, tools, fact.workspace, place, moment)
            return places.place_changed(fact, tx.scenes.routed(fact.workspace, place), reread, context)
        case PlaceChanged(place=place):
            return places.place_changed(fact, tx.scenes.routed(fact.workspace, place), (), context)
        case PlaceRenumbered(workspace=workspace, old=old, new=new):
            tx.ticks.renumber(workspace, old, new, moment.now)
            tools.renumbered[old] = new
            reread = gaps.found(tx, tools, workspace, new, moment)
            return places.renumbered(fact, tx.scenes.first_account(workspace), reread, context)
        case CredentialsAlive():
            reread = gaps.found(tx, tools, fact.workspace, None, moment)
            return places.credentials_alive(fact, reread, context)
        case EventsMissed():
            read = places.read_again(gaps.found(tx, tools, fact.workspace, None, moment), context)
            account = tx.scenes.first_account(fact.workspace)
            return replace(read, alerts=(ops.limited(account, context),) if account else ())
        case ThreadsUnread():
            return places.read_again(gaps.unread(tx, tools, fact, moment), context)
        case _:
            assert_never(fact)
