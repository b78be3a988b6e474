"""Places on the desk, and the desk itself: usable or not, and what must be heard of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bridge import lanes
from bridge.model.change import replace
from bridge.model.decision import Decision, Hold, Rules, Scene
from bridge.model.effects import Queued, ReadThread
from bridge.model.facts import (
    AlertDue,
    AlertFact,
    AlertOver,
    CredentialsAlive,
    CredentialsRevoked,
    PlaceChange,
    PlaceChanged,
    PlaceRenumbered,
)
from bridge.model.ids import AccountId, PlaceRef, WorkspaceId
from bridge.model.outcomes import Later
from bridge.model.state import Account, Value
from bridge.rules.base import Context

LOST_IN = "lost_in"
"""In the values of an incident about missing events: the place whose did not come."""
MAY_RETURN = frozenset({"archived", "deleted", "bot_removed", "not_member"})
"""Why a place is closed to us that may be open again without a word: then it is looked at now and then."""

OPS_CHANNEL = "ops_channel"
"""The kind of an incident that only whoever sets the operator's channel can end."""
GONE = "gone"
"""In an incident's values: nothing of the place is left."""


def alerts_places(account: Account, rules: Rules) -> tuple[PlaceRef, ...]:
    """Where an account's alerts may go: its alerts channel, else the operator's, else its own."""
    choices = (account.settings.alerts_channel, rules.ops_place, account.settings.channel)
    return tuple(place for place in choices if place is not None)


def alerts_place(account: Account, rules: Rules, *, broken: PlaceRef | None = None) -> PlaceRef:
    """Where an account's alerts go; not into a *broken* place, if there is another."""
    usable = [place for place in alerts_places(account, rules) if place != broken]
    return usable[0] if usable else account.settings.channel


def place_key(place: PlaceRef) -> str:
    """What holds a place that cannot be posted into."""
    return f"place:{place}"


def closed_key(place: PlaceRef, account: AccountId) -> str:
    """The incident of one account whose place cannot be posted into: each hears of it where its own alerts are."""
    return f"{place_key(place)}:{account}"


def holding(key: str) -> str:
    """Under which key holds what the incident *key* tells of; accounts of one place share its hold."""
    whole, _, account = key.rpartition(":")
    return whole if account and place_in(whole) is not None else key


def shared_key(place: PlaceRef) -> str:
    """The incident of a place that another company reads."""
    return f"shared:{place}"


def shared(
    workspace: WorkspaceId, place: PlaceRef, accounts: Sequence[Account], now: datetime, rules: Rules
) -> tuple[AlertDue, ...]:
    """One incident for a place that another company reads, unless the operator of all its accounts insists on that.

    accounts: those routed to it, perhaps others.
    """
    routed = [each for each in accounts if each.settings.channel == place and not each.settings.shared_channel]
    if not routed:
        return ()
    return (
        AlertDue(
            workspace=workspace,
            at=now,
            key=shared_key(place),
            kind="shared_place",
            place=alerts_place(routed[0], rules, broken=place),
            account=routed[0].id,
            values={"channel": place},
        ),
    )


def desk_key(workspace: WorkspaceId) -> str:
    """The incident of a desk whose credentials are dead."""
    return f"desk:{workspace}"


def place_changed(
    fact: PlaceChanged, accounts: Sequence[Account], reread: Sequence[Scene], context: Context
) -> Decision:
    """Hold what would be posted there, or let it go and read what was written meanwhile.

    accounts: those whose route is this place. reread: their conversations with an open window, for a usable place.
    """
    key = place_key(fact.place)
    if fact.change is PlaceChange.SHARED:
        return Decision(alerts=shared(fact.workspace, fact.place, accounts, context.moment.now, context.rules))
    if fact.change is PlaceChange.UNSHARED:
        over = AlertOver(workspace=fact.workspace, at=context.moment.now, key=shared_key(fact.place))
        return Decision(alerts=(over,))
    if fact.change is PlaceChange.USABLE:
        effects = tuple(_read_again(scene, context) for scene in reread)
        over = AlertOver(workspace=fact.workspace, at=context.moment.now, key=key)
        return Decision(released=(key,), alerts=(over,), effects=tuple(each for each in effects if each is not None))
    target = lanes.place_target(fact.workspace, fact.place)
    return Decision(
        holds=(Hold(target=target, key=key),),
        alerts=unusable(
            fact.workspace, fact.place, str(fact.change), accounts, context, gone=fact.change is PlaceChange.DELETED
        ),
    )


def renumbered(fact: PlaceRenumbered, account: Account | None, reread: Sequence[Scene], context: Context) -> Decision:
    """A place goes by another id: what the old one held goes, and what was written there meanwhile is read.

    account: one of the workspace, to tell of the operator's own channel, which only they can set.
    """
    read, now = read_again(reread, context), context.moment.now
    key = place_key(fact.old)
    over = AlertOver(workspace=fact.workspace, at=now, key=key)
    ours = context.rules.ops_place in (fact.old, fact.new) and account is not None
    told = AlertDue(
        workspace=fact.workspace,
        at=now,
        key=ops_key(fact.old),
        kind=OPS_CHANNEL,
        place=fact.new,
        account=None if account is None else account.id,
        values={"channel": fact.new, "id": fact.new},
    )
    return replace(read, released=(key,), alerts=(over, told) if ours else (over,))


def ops_key(old: PlaceRef) -> str:
    """The incident of an operator's channel that is set by an id that leads nowhere any more."""
    return f"{OPS_CHANNEL}:{old}"


def unusable(
    workspace: WorkspaceId,
    place: PlaceRef,
    cause: str,
    accounts: Sequence[Account],
    context: Context,
    *,
    gone: bool = False,
    code: str = "",
) -> tuple[AlertFact, ...]:
    """One incident for each account of a place, told where its own alerts are. No account there: nobody to tell.

    accounts: those routed to it, and those that have their alerts there. gone: the desk told that it was deleted; a
    private place that is merely closed to us is refused in the same words. code: the desk's own word
    for it, told where the cause leaves open what to mend.
    """
    values: dict[str, Value] = {"cause": cause, "channel": place, **({GONE: 1} if gone else {})}
    if code and cause not in MAY_RETURN:
        values["code"] = code
    return tuple(
        AlertDue(
            workspace=workspace,
            at=context.moment.now,
            key=closed_key(place, account.id),
            kind="place" if account.settings.channel == place else "alerts_place",
            place=alerts_place(account, context.rules, broken=place),
            account=account.id,
            values=values,
        )
        for account in accounts
    )


def _read_again(scene: Scene, context: Context) -> Queued | None:
    thread = scene.conversation.thread
    if thread is None or thread.ref is None:
        return None
    effect = ReadThread(
        workspace=scene.workspace.id,
        conversation=scene.conversation.id,
        place=thread.place,
        root=thread.ref,
        since=context.moment.now - context.rules.reread,
        stood=scene.standing,
    )
    return lanes.queue(effect, position=0)


def read_again(reread: Sequence[Scene], context: Context) -> Decision:
    """The desk may have spoken while nobody listened, or kept events back: read these conversations' threads again."""
    effects = (_read_again(scene, context) for scene in reread)
    return Decision(effects=tuple(each for each in effects if each is not None))


def credentials_revoked(fact: CredentialsRevoked) -> Decision:
    """Everything for this desk waits; it cannot be told on the desk itself."""
    return Decision(holds=(Hold(target=lanes.desk_target(fact.workspace), key=desk_key(fact.workspace)),))


def credentials_alive(fact: CredentialsAlive, reread: Sequence[Scene], context: Context) -> Decision:
    """The desk takes our calls again; of what was written meanwhile nobody has told us."""
    return replace(read_again(reread, context), released=(desk_key(fact.workspace),))


def events_back(workspace: WorkspaceId, key: str, reread: Sequence[Scene], context: Context) -> Decision:
    """What we post comes back again: the incident is over, and what was written meanwhile is read."""
    over = AlertOver(workspace=workspace, at=context.moment.now, key=key)
    return replace(read_again(reread, context), alerts=(over,))


def went_through(workspace: WorkspaceId, key: str, reread: Sequence[Scene], context: Context) -> Decision:
    """Something went through although *key* held it: that is mended, and what was written meanwhile is read."""
    return replace(events_back(workspace, key, reread, context), released=(key,))


def place_in(key: str) -> PlaceRef | None:
    """The place that a hold is about."""
    kind, _, place = key.partition(":")
    return PlaceRef(place) if kind == "place" and place and ":" not in place else None


def desk_moving(scene: Scene, outcome: Later, context: Context) -> AlertDue:
    """The desk takes nothing for a while, and nobody here can mend that."""
    return AlertDue(
        workspace=scene.workspace.id,
        at=context.moment.now,
        key=f"moving:{scene.workspace.id}",
        kind="desk_moving",
        place=alerts_place(scene.minding, context.rules),
        account=scene.account.id,
        values={"cause": outcome.cause, "code": outcome.why},
    )


def events_missing(scene: Scene, place: PlaceRef, context: Context) -> AlertDue:
    """What we post in a place does not come back: agents' answers would not reach us either. It is over once they do there."""
    return AlertDue(
        workspace=scene.workspace.id,
        at=context.moment.now,
        key=f"events:{scene.workspace.id}",
        kind="events_missing",
        place=alerts_place(scene.minding, context.rules),
        account=scene.account.id,
        values={LOST_IN: place},
    )
