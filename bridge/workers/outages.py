"""Watches whether the desks take anything at all, and asks those that are quiet; what is true of one is told outside of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from bridge.lanes import queue
from bridge.model.decision import Decision, Moment
from bridge.model.effects import ProbeToken
from bridge.model.ids import WorkspaceId
from bridge.ports import Transaction
from bridge.rules.desk import outages, places
from bridge.workers.base import Tools

ASKED_AFTER = timedelta(minutes=14)
"""A desk on which nothing was posted for this long is asked: dead credentials are told within a quarter of an hour."""


class Watch:
    """Remembers since when nothing gets through, and when each desk last answered; a fresh process begins to watch anew."""

    def __init__(self) -> None:
        self._answered: dict[WorkspaceId, datetime] = {}
        self._silent: dict[WorkspaceId, datetime] = {}
        self._looked: datetime | None = None

    def look(self, tx: Transaction, tools: Tools, moment: Moment) -> None:
        """How each desk stands now."""
        waiting = tx.ticks.posts_waiting(moment.steady)
        posted = tx.ticks.posted_since(self._looked or moment.steady)
        dead = set(tx.ticks.dead_desks())
        self._answered |= dict.fromkeys(posted, moment.steady)
        self._looked = moment.steady
        self._silent = {each: self._silent.get(each, moment.steady) for each in waiting - posted}
        known = {incident.workspace for incident in tx.incidents.open_of("outage")}
        for workspace in sorted(dead | self._silent.keys() | known):
            cause = self._cause(workspace, dead, moment.steady)
            if cause is not None or workspace not in self._silent:
                self._told(tx, tools, workspace, cause, moment)

    def ask(self, tx: Transaction, moment: Moment) -> None:
        """Ask each desk whether our credentials count that has not shown it for a while, and is not known to refuse them."""
        known = sorted(tx.ticks.desks().difference(tx.ticks.dead_desks()))
        quiet = [
            each for each in known if moment.steady - self._answered.setdefault(each, moment.steady) >= ASKED_AFTER
        ]
        self._answered |= dict.fromkeys(quiet, moment.steady)
        if quiet:
            effects = tuple(queue(ProbeToken(workspace=each), position=0) for each in quiet)
            tx.apply(None, Decision(effects=effects), moment.steady)

    def _cause(self, workspace: WorkspaceId, dead: set[WorkspaceId], steady: datetime) -> str | None:
        if workspace in dead:
            return outages.DEAD
        since = self._silent.get(workspace)
        return outages.QUIET if since is not None and steady - since >= outages.SILENT else None

    def _told(self, tx: Transaction, tools: Tools, workspace: WorkspaceId, cause: str | None, moment: Moment) -> None:
        account = tx.scenes.first_account(workspace)
        if account is None:
            return
        place = tools.rules.ops_place or places.alerts_place(account, tools.rules)
        incident = tx.scenes.incident(workspace, outages.key(workspace))
        decision = outages.found(workspace, place, cause, incident, tools.context(tx, moment))
        if decision.alerts:
            tx.apply(None, decision, moment.steady)
