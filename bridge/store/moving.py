"""Conversations follow their account into another place: what waits moves, and their next post opens a new thread there."""

from __future__ import annotations

import sqlalchemy as sa

from bridge.lanes import desk_target, place_target
from bridge.model.decision import Rules
from bridge.model.facts import PlaceChange
from bridge.model.ids import ConversationId, PlaceRef, WorkspaceId
from bridge.model.state import Account
from bridge.rules.acts import forwarding
from bridge.rules.base import Context
from bridge.rules.desk.places import GONE, closed_key, place_key, shared_key
from bridge.store import rows, schema, targets
from bridge.store.hand import Hand, over
from bridge.store.held import told_of
from bridge.store.schema import conversation as conversations
from bridge.store.schema import message_post, outbox, post, route
from bridge.store.schema import thread as threads


def set_route(hand: Hand, account: Account) -> None:
    """Keep the route equal to the settings."""
    values = {
        "workspace": account.workspace,
        "account": account.id,
        "place": account.settings.channel,
        "alerts_place": account.settings.alerts_channel,
    }
    insert = rows.insert_into(hand.conn, route).values(**values)
    hand.conn.execute(
        insert.on_conflict_do_update(
            index_elements=["account"], set_={"place": values["place"], "alerts_place": values["alerts_place"]}
        )
    )


def follow(hand: Hand, before: Account, after: Account) -> None:
    """Keep the route equal to the settings; into another place the conversations follow."""
    set_route(hand, after)
    _nobody_minds(hand, before, after)
    if before.settings.channel != after.settings.channel:
        _move(hand, after, before.settings.channel)
    alerts_before = before.settings.alerts_channel
    if alerts_before is not None and alerts_before not in (after.settings.alerts_channel, after.settings.channel):
        _left_behind(hand, after, alerts_before)


def come_back(hand: Hand, account: Account) -> None:
    """What was forwarded to an account that takes nothing any more goes on where it came from, and says so."""
    context = Context(moment=hand.moment, rules=Rules(), new_id=hand.tx.new_id)
    theirs = sa.and_(sa.text("conversation.forwarded_to IS NOT NULL"), conversations.c.forwarded_to == account.id)
    for each in hand.conn.execute(sa.select(conversations.c.id).where(theirs).order_by(conversations.c.id)).scalars():
        scene = hand.tx.scenes.of_conversation(ConversationId(each))
        if scene is not None:
            hand.tx.apply(scene, forwarding.come_back(scene, context), hand.moment.steady)


def _nobody_minds(hand: Hand, before: Account, after: Account) -> None:
    """That another company reads a channel is over once no account is there whose operator minds."""
    place = before.settings.channel
    if place == after.settings.channel and not after.settings.shared_channel:
        return
    there = [each for each in hand.tx.scenes.routed(after.workspace, place) if each.settings.channel == place]
    if all(each.settings.shared_channel for each in there):
        over(hand, after.workspace, shared_key(place))


def _shown_with(account: Account) -> sa.ColumnElement[bool]:
    """What is shown where the account is: its own conversations, but for those forwarded away, and those forwarded to it."""
    own = sa.and_(conversations.c.account == account.id, conversations.c.forwarded_to.is_(None))
    return sa.or_(
        own, sa.and_(sa.text("conversation.forwarded_to IS NOT NULL"), conversations.c.forwarded_to == account.id)
    )


def conversations_of(account: Account) -> sa.Select[tuple[int]]:
    """The conversations that are shown where an account is."""
    return sa.select(conversations.c.id).where(_shown_with(account))


def _move(hand: Hand, account: Account, old: PlaceRef) -> None:
    """What waits for the old place waits for the new one; a root that nobody has tried to put up goes there too."""
    new = account.settings.channel
    old_target, new_target = (place_target(account.workspace, place) for place in (old, new))
    hand.tx.effects.know(new_target)
    theirs = outbox.c.conversation.in_(conversations_of(account))
    tried = {
        row.payload["thread"]
        for state in ("working", "unsure")
        for row in hand.conn.execute(
            sa.select(outbox.c.payload).where(sa.text(f"outbox.state = '{state}'"), outbox.c.kind == "PostRoot", theirs)
        )
    }
    current = threads.c.id.in_(sa.select(conversations.c.thread).where(_shown_with(account)))
    waits = sa.and_(threads.c.ref.is_(None), threads.c.id.not_in(tried), sa.not_(threads.c.gone))
    hand.conn.execute(sa.update(threads).where(current, waits).values(place=new))
    if _is_deleted(hand, account.workspace, old):
        # Nothing stands there any more that a new thread could lead back to.
        hand.conn.execute(sa.update(threads).where(current, threads.c.place == old).values(gone=True))
    if _is_gone(hand, account.workspace, old):
        _nothing_stands(hand, account, old)
    if targets.held(hand.conn, old_target):
        _give_up_looking(hand, theirs, old_target)
    hand.conn.execute(
        sa.update(outbox)
        .where(sa.text("outbox.state = 'ready'"), outbox.c.target == old_target, theirs)
        .values(target=new_target)
    )
    _left_behind(hand, account, old)


def _is_deleted(hand: Hand, workspace: WorkspaceId, place: PlaceRef) -> bool:
    why = schema.incident.c["values"]["cause"].as_string()
    return _is_told(hand, workspace, place, why == PlaceChange.DELETED.value)


def _is_gone(hand: Hand, workspace: WorkspaceId, place: PlaceRef) -> bool:
    """Whether the desk itself told that the place was deleted."""
    return _is_told(hand, workspace, place, schema.incident.c["values"][GONE].as_integer() == 1)


def _is_told(hand: Hand, workspace: WorkspaceId, place: PlaceRef, what: sa.ColumnElement[bool]) -> bool:
    incident = schema.incident
    query = sa.select(incident.c.id).where(
        incident.c.workspace == workspace, told_of(place_key(place)), sa.text("closed_at IS NULL"), what
    )
    return hand.conn.execute(query).first() is not None


def _nothing_stands(hand: Hand, account: Account, place: PlaceRef) -> None:
    """Of what stood in a place that is gone nothing is left to be taken away or changed, by us or by a person."""
    desk, theirs = desk_target(account.workspace), conversations_of(account)
    takes_back = outbox.c.target.in_([f"{desk}:remove:{place}", f"{desk}:card:{place}"])
    hand.conn.execute(
        sa.update(outbox)
        .where(sa.text("outbox.state = 'ready'"), takes_back, outbox.c.conversation.in_(theirs))
        .values(state="dropped", reason="moved", finished_at=hand.moment.steady)
    )
    stood = sa.select(post.c.id).where(
        post.c.workspace == account.workspace,
        post.c.conversation.in_(theirs),
        post.c.ref.startswith(f"{place}:", autoescape=True),
    )
    hand.conn.execute(sa.delete(message_post).where(message_post.c.post.in_(stood)))


def _give_up_looking(hand: Hand, theirs: sa.ColumnElement[bool], old_target: str) -> None:
    """Of what may stand in a place that is closed to us nobody can tell: it is shown where it can be seen."""
    posts = sa.and_(sa.text("outbox.state = 'unsure'"), outbox.c.target == old_target, theirs)
    lanes = [f"find:{row}" for row in hand.conn.execute(sa.select(outbox.c.id).where(posts)).scalars()]
    hand.conn.execute(
        sa.update(outbox)
        .where(sa.text("outbox.state = 'ready'"), outbox.c.lane.in_(lanes))
        .values(state="dropped", reason="moved", finished_at=hand.moment.steady)
    )
    again = {"state": "ready", "unsure_since": None, "joined": None, "blocks": True, "lease": None, "reason": "moved"}
    hand.conn.execute(sa.update(outbox).where(posts).values(not_before=hand.moment.steady, **again))


def _left_behind(hand: Hand, account: Account, old: PlaceRef) -> None:
    """What the account heard of the place is over; where nobody's messages or alerts go there now, nothing is held by it."""
    if hand.tx.scenes.routed(account.workspace, old):
        over(hand, account.workspace, closed_key(old, account.id))
        return
    key = place_key(old)
    hand.tx.effects.release(key)
    over(hand, account.workspace, key)
