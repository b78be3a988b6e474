"""Warnings before a login ends, in stages; each is told once, and none early. Pure.

Rule 1: the end is the earliest of what the network says and what the operator wants; a computed date warns, and no more.
Rule 2: whoever comes late tells the latest stage alone. A clock that goes back tells nothing again.
Rule 3: what is told is remembered with its end: when that has moved later, the incident is over.
Rule 4: while the network refuses the login already, nobody is warned of its end.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from bridge.model.decision import Decision
from bridge.model.effects import Queued
from bridge.model.facts import AlertDue, AlertFact, AlertOver
from bridge.model.state import Account, Health, Login, Value
from bridge.model.upkeep import Kept, Upkeep
from bridge.model.word import Word
from bridge.rules.accounts.health import Kind
from bridge.rules.accounts.minding import probe, reauth_key
from bridge.rules.base import Context
from bridge.rules.desk.places import alerts_place

By = Literal["token", "data_access", "interval"]
EXPIRED: Final = "expired"
STAGES: Final = {
    "fortnight": timedelta(days=14),
    "week": timedelta(days=7),
    "three_days": timedelta(days=3),
    "day": timedelta(days=1),
    EXPIRED: timedelta(0),
}
"""How long before the end each is told, in their order."""
ORDER: Final = tuple(STAGES)
LOUD: Final = frozenset({"day", EXPIRED})
SAME: Final = timedelta(hours=1)
"""An end that differs by less is the same: it is told in whole seconds, and counted from calls."""


class End(Word, kw_only=True):
    """When a login ends, and by what."""

    at: datetime
    by: By


class Told(Word, kw_only=True):
    """The latest stage that was told, and of which end."""

    stage: str
    end: datetime


def end_of(kept: Kept) -> End | None:
    """The earliest of a login's ends; None: it has none that is known."""
    dates, days = kept.dates, kept.account.settings.reauth_days
    ends: list[End] = []
    if dates.token_expires_at is not None:
        ends.append(End(at=dates.token_expires_at, by="token"))
    if dates.data_access_expires_at is not None:
        ends.append(End(at=dates.data_access_expires_at, by="data_access"))
    if days and dates.connected_at is not None:
        ends.append(End(at=dates.connected_at + timedelta(days=days), by="interval"))
    return min(ends, key=lambda end: end.at, default=None)


def stage_at(end: datetime, now: datetime) -> str | None:
    """The latest stage that has begun."""
    begun = [stage for stage, ahead in STAGES.items() if now >= end - ahead]
    return begun[-1] if begun else None


def next_at(end: datetime, now: datetime) -> datetime | None:
    """When the next stage begins; None: there is none."""
    return min((end - ahead for ahead in STAGES.values() if end - ahead > now), default=None)


def written(told: Told) -> str:
    """It as the account's row keeps it."""
    return f"{told.stage}@{int(told.end.timestamp())}"


def read(warned: str | None) -> Told | None:
    """Return what `written` wrote; None: nothing was told."""
    if warned is None:
        return None
    stage, _, end = warned.partition("@")
    return Told(stage=stage, end=datetime.fromtimestamp(int(end), UTC))


def due(kept: Kept, context: Context) -> Decision:
    """What is told of a login's end now, and when it is looked at next."""
    account, now = kept.account, context.moment.now
    if account.health is Health.NEEDS_REAUTHENTICATION:
        return Decision(account=account.id, upkeep={"warn_at": None})  # whatever ends that looks here again
    end, told = end_of(kept), read(kept.dates.warned)
    alerts: list[AlertFact] = []
    if told is not None and (end is None or end.at > told.end + SAME):
        alerts.append(AlertOver(workspace=account.workspace, at=now, key=reauth_key(account.id)))
        told = None
    stage = None if end is None else stage_at(end.at, now)
    effects: tuple[Queued, ...] = ()
    if end is not None and stage is not None and _is_later(stage, told):
        alerts.append(_warning(account, end, stage, context))
        told = Told(stage=stage, end=end.at)
        if stage == EXPIRED:
            effects = (probe(account),)  # what is computed is no proof: whether it is over, the network says
    upkeep: dict[Upkeep, datetime | str | None] = {
        "warn_at": None if end is None else next_at(end.at, now),
        "warned": None if told is None else written(told),
    }
    return Decision(account=account.id, alerts=tuple(alerts), effects=effects, upkeep=upkeep)


def _is_later(stage: str, told: Told | None) -> bool:
    return told is None or ORDER.index(stage) > ORDER.index(told.stage)


def why_of(account: Account, end: End) -> str:
    """By what it ends. A token that is exchanged every week comes near its end only where that fails."""
    return "refresh" if end.by == "token" and account.login is Login.INSTAGRAM else end.by


def _warning(account: Account, end: End, stage: str, context: Context) -> AlertDue:
    values: dict[str, Value] = {
        "cause": f"ends_{why_of(account, end)}",
        "ends": int(end.at.timestamp()),
        "code": "",
    }
    return AlertDue(
        workspace=account.workspace,
        at=context.moment.now,
        key=reauth_key(account.id),
        kind=Kind.REAUTH.value,
        place=alerts_place(account, context.rules),
        account=account.id,
        values=values,
        stage=stage,
        loud=stage in LOUD,
        tell=account.settings.owners,
    )
