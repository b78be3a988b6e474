"""What follows when an account stands otherwise: what waits, what is let go, who hears of it, when it is looked at again.

Rule 1: an account's sends are held exactly while it cannot send; every way into and out of that leads through here.
Rule 2: an incident for each kind of trouble; one about a login is the same as the warnings before it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, assert_never

from bridge import lanes
from bridge.lanes import OfUpkeep
from bridge.model.change import replace
from bridge.model.decision import Decision, Hold
from bridge.model.effects import KeepSubscribed, Queued
from bridge.model.facts import AlertDue, AlertFact, AlertOver
from bridge.model.ids import AccountId
from bridge.model.outcomes import Held, Outcome
from bridge.model.state import Account, Health, Login, Value, Wish
from bridge.model.upkeep import UNTOLD, Kept, ProbeAccount, Probed, Refreshed, RefreshLogin, Unsubscribe, Upkeep
from bridge.rules.accounts.health import (
    BEFORE,
    CONNECTED_TOOLS,
    INEXACT,
    KINDS,
    MENDS_ITSELF,
    READY,
    Connected,
    Event,
    Kind,
    Refusal,
    Standing,
    Well,
    WentThrough,
    moved,
    tries,
    unsure_why,
)
from bridge.rules.accounts.silence import alarm
from bridge.rules.base import Context, nothing
from bridge.rules.desk.places import alerts_place

DAY: Final = timedelta(days=1)
BROKEN: Final = timedelta(hours=1)
"""An account that may be well again without us is asked about so often."""
UNANSWERED: Final = timedelta(minutes=15)
"""When a question is put again that the network did not answer."""
ASKED: Final = timedelta(hours=1)
"""When it is put again where nothing was heard of it: whoever asked may have died."""
LATEST: Final = DAY + BROKEN
"""A time for the next question that is further away was written by a clock that has gone back since."""
REFRESH: Final = timedelta(days=7)
"""A token is exchanged for a younger one so often; it lives for about 60 days."""
OLD_ENOUGH: Final = timedelta(hours=25)
"""A younger token is given for one that is at least a day old."""
REFUSED: Final = "refused"
"""The stage of an incident about a login at which the network has refused something."""


def key_of(kind: Kind, account: AccountId) -> str:
    """What holds an account for such a reason, and the incident that tells of it."""
    return f"{kind}:{account}"


def reauth_key(account: AccountId) -> str:
    """The incident of an account's login, from the first warning of its end."""
    return key_of(Kind.REAUTH, account)


def keys_of(account: AccountId) -> tuple[str, ...]:
    """All that may hold an account."""
    return tuple(key_of(kind, account) for kind in Kind)


def standing_of(account: Account) -> Standing:
    """How an account stands."""
    return Standing(health=account.health, cause=account.cause)


# ── what has happened to it ───────────────────────────────────────────────────────────────────────────────


def held(account: Account, outcome: Held, context: Context) -> Decision:
    """The network refused something for the account's sake."""
    kind, _, cause = outcome.cause.partition(".")
    known = Kind(kind) if kind in set(Kind) else Kind.RESTRICTED
    return happened(account, Refusal(kind=known, cause=cause), context, code=outcome.code)


def happened(account: Account, event: Event, context: Context, *, code: str = "") -> Decision:
    """What follows from an event, whatever it is."""
    before = standing_of(account)
    after = moved(before, event)
    if after.health is Health.READY:
        opens = before != after or isinstance(event, WentThrough)
        return _released(account, before, event, context) if opens else nothing("ready")
    new = event.cause if isinstance(event, Refusal) else after.cause
    told: dict[str, Value] = {"code": code} if new == after.cause else {}
    decision = _holding(account, after, told, context)
    tried = holding(account, after) if tries(before, event) else ()
    effects = (probe(account),) if unsure_why(before, after) else ()
    renewed = isinstance(event, Connected) and after.health is not Health.NEEDS_REAUTHENTICATION
    return Decision(
        account=account.id,
        health=decision.health if before != after else None,
        holds=decision.holds,
        alerts=(*(_over(account, reauth_key(account.id), context=context) if renewed else ()), *decision.alerts),
        upkeep=_soon(context) if before != after else {},
        tried=tried,
        effects=effects,
    )


def holding(account: Account, standing: Standing) -> tuple[str, ...]:
    """The targets that wait while an account stands so."""
    match standing.health:
        case Health.READY:
            return ()
        case Health.NEEDS_REAUTHENTICATION:
            return (lanes.account_target(account.id),)
        case _:
            return lanes.sending_targets(account)


def _holding(account: Account, after: Standing, told: dict[str, Value], context: Context) -> Decision:
    kind = KINDS[after.health]
    key, login = key_of(kind, account.id), kind is Kind.REAUTH
    alert = AlertDue(
        workspace=account.workspace,
        at=context.moment.now,
        key=key,
        kind=kind.value,
        place=alerts_place(account, context.rules),
        account=account.id,
        values={"cause": after.cause or "", **told},
        stage=REFUSED if login else None,
        loud=login,
        tell=account.settings.owners,
    )
    holds = tuple(Hold(target=target, key=key) for target in holding(account, after))
    return Decision(health=(after.health, after.cause), holds=holds, alerts=(alert,))


def _released(account: Account, before: Standing, event: Event, context: Context) -> Decision:
    """All that waits goes, whatever held it: what still stands in the way is found by the first that is tried.

    Where the network has not refused the login, no more than its end was told of: that is as near as before.
    """
    keys = keys_of(account.id)
    of_login = before.health is Health.NEEDS_REAUTHENTICATION or isinstance(event, Connected)
    told = keys if of_login else tuple(key for key in keys if key != reauth_key(account.id))
    begins = before.health in BEFORE and before.cause != CONNECTED_TOOLS
    enabled = (_enabled(account, context),) if begins else ()
    return Decision(
        account=account.id,
        health=(READY.health, READY.cause),
        released=keys,
        alerts=(*_over(account, *told, context=context), *enabled),
        upkeep=_soon(context),
    )


def _over(account: Account, *keys: str, context: Context) -> tuple[AlertFact, ...]:
    return tuple(AlertOver(workspace=account.workspace, at=context.moment.now, key=key) for key in keys)


def _enabled(account: Account, context: Context) -> AlertDue:
    """The network lets it begin: told once, for an alert that is edited is heard by nobody (I-02)."""
    return AlertDue(
        workspace=account.workspace,
        at=context.moment.now,
        key=f"enabled:{account.id}",
        kind="enabled",
        place=alerts_place(account, context.rules),
        account=account.id,
    )


def _soon(context: Context) -> dict[Upkeep, datetime | str | None]:
    """Whoever stands otherwise is warned otherwise of a login's end."""
    return {"warn_at": context.moment.now}


# ── asking ────────────────────────────────────────────────────────────────────────────────────────────────


def probe(account: Account) -> Queued:
    """Ask how it stands."""
    return lanes.queue(ProbeAccount(workspace=account.workspace, account=account.id), position=0)


def not_tried(account: Account) -> tuple[tuple[str, ...], tuple[Queued, ...]]:
    """What is let through, and asked, when what was to try a held account came back before the network was asked.

    It proved nothing: the next that waits is tried instead; where there is none, the network's word is enough (rule 4 of
    `bridge.rules.accounts.health`), but of a restriction, of which no question tells.
    """
    asks = account.health not in (Health.READY, Health.RESTRICTED)
    return holding(account, standing_of(account)), (probe(account),) if asks else ()


def asked(account: Account, now: datetime) -> Decision:
    """Its turn has come."""
    return Decision(account=account.id, effects=(probe(account),), upkeep={"probe_at": now + ASKED})


def first_probe(account: Account, now: datetime) -> Decision:
    """It was never asked, or by a clock that was ahead: soon, but not all accounts at once."""
    after = timedelta(seconds=15 + _of_id(account.id) % 285)
    return Decision(account=account.id, upkeep={"probe_at": now + after})


def next_probe(account: AccountId, standing: Standing, now: datetime) -> datetime:
    """When it is asked next: once a day, each account at a time of its own; one that may be well again, every hour."""
    if standing.health is Health.NEEDS_REAUTHENTICATION and standing.cause in MENDS_ITSELF:
        return now + BROKEN
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    turn = midnight + timedelta(seconds=_of_id(account) % 86_400)
    while turn <= now + BROKEN:
        turn += DAY
    return turn


def _of_id(account: AccountId) -> int:
    """A number that spreads accounts evenly, also those whose ids follow each other (Knuth's multiplicative hash)."""
    return (account * 2_654_435_761) % 2**32


def ended(account: Account | None, effect: OfUpkeep, outcome: Outcome, context: Context, waiting: int) -> Decision:
    """What follows when the network was asked, or did not answer. waiting: how many answers wait for it."""
    if account is None:
        return nothing("no account")
    match effect:
        case ProbeAccount():
            decision = probed(account, outcome, context, waiting=waiting)
            well = isinstance(outcome, Probed) and outcome.cause is None and account.health is Health.READY
            if effect.silent_since is None or not well:
                return decision
            return replace(decision, alerts=(*decision.alerts, alarm(account, effect.silent_since, context)))
        case RefreshLogin():
            return refresh_ended(account, outcome, context)
        case Unsubscribe():
            return unsubscribed(account)
        case _:
            assert_never(effect)


def unsubscribed(account: Account) -> Decision:
    """Its webhooks have ended, or the network would not end them: the token is forgotten. Connected again meanwhile, it hears again."""
    hears = lanes.queue(KeepSubscribed(workspace=account.workspace, account=account.id), position=0)
    again = () if account.wish is Wish.REMOVED else (hears,)
    return Decision(account=account.id, effects=again, has_left=True)


def refresh(kept: Kept, now: datetime) -> Decision:
    """An account whose login has younger tokens, and whose turn has come; a token that is over cannot be exchanged."""
    account, dates = kept.account, kept.dates
    began = dates.connected_at or now
    if dates.refresh_at is None and now < began + OLD_ENOUGH:
        return Decision(account=account.id, upkeep={"refresh_at": began + OLD_ENOUGH})
    over = dates.token_expires_at is not None and dates.token_expires_at <= now
    if over or account.health is Health.NEEDS_REAUTHENTICATION:
        return Decision(account=account.id, upkeep={"refresh_at": now + DAY})
    effect = RefreshLogin(workspace=account.workspace, account=account.id)
    queued = lanes.queue(effect, position=0)
    return Decision(account=account.id, effects=(queued,), upkeep={"refresh_at": now + DAY})


def refresh_ended(account: Account, outcome: Outcome, context: Context) -> Decision:
    """The younger token takes the place of the older; what kept the network from giving one is asked, and it is tried again."""
    now = context.moment.now
    if not isinstance(outcome, Refreshed):
        return Decision(account=account.id, effects=(probe(account),), upkeep={"refresh_at": now + DAY})
    if account.login is not Login.INSTAGRAM:
        return nothing("connected by another login meanwhile")
    upkeep: dict[Upkeep, datetime | str | None] = {
        "sealed": outcome.sealed,
        "token_expires_at": outcome.expires_at,
        "refresh_at": now + REFRESH,
        "warn_at": now,
    }
    return Decision(account=account.id, upkeep=upkeep)


def probed(account: Account, outcome: Outcome, context: Context, *, waiting: int) -> Decision:
    """What the network says of an account. waiting: how many answers wait for it."""
    now = context.moment.now
    if not isinstance(outcome, Probed) or outcome.cause == UNTOLD:
        return Decision(account=account.id, upkeep={"probe_at": now + UNANSWERED})
    decision = _found(account, outcome, context, waiting=waiting)
    health, cause = decision.health or (account.health, account.cause)
    at = next_probe(account.id, Standing(health=health, cause=cause), now)
    return Decision(
        account=account.id,
        health=decision.health,
        holds=decision.holds,
        released=decision.released,
        alerts=decision.alerts,
        tried=decision.tried,
        upkeep={**decision.upkeep, **_dates(outcome, now), "probe_at": at},
    )


def _found(account: Account, outcome: Probed, context: Context, *, waiting: int) -> Decision:
    before = standing_of(account)
    if outcome.cause is not None:
        kind, _, cause = outcome.cause.partition(".")
        return happened(account, Refusal(kind=Kind(kind), cause=cause, asked=True), context, code=outcome.code)
    ended = outcome.data_access_expires_at
    broken = before.health is Health.NEEDS_REAUTHENTICATION and before.cause in INEXACT
    if broken and waiting and ended is not None and ended <= context.moment.now:
        # Nothing else is wrong, and something is refused all the same.
        refusal = Refusal(kind=Kind.REAUTH, cause="data_access_expired", asked=True)
        return happened(account, refusal, context)
    return happened(account, Well(waiting=waiting > 0), context)


def _dates(outcome: Probed, now: datetime) -> dict[Upkeep, datetime | str | None]:
    if not outcome.dated:
        return {}
    return {
        "token_expires_at": outcome.expires_at,
        "data_access_expires_at": outcome.data_access_expires_at,
        "warn_at": now,
    }
