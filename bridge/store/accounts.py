"""Accounts as operators change them: connected, renewed, set, paused, removed; every change leaves an audit line.

Rule 1: an account is one row for ever: what is removed comes back as itself, with its conversations.
Rule 2: what waited for an account that is renewed goes on, and what was announced of it is over.
Rule 3: conversations follow their account into another place: what waits moves, and their next post opens a new thread.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bridge.lanes import account_target, place_target
from bridge.model.facts import AlertOver, DeliveriesMissed
from bridge.model.ids import AccountId, WorkspaceId
from bridge.model.incident import BY_LOGIN
from bridge.model.state import Account, AccountSettings, Health, Login, Platform, Wish
from bridge.model.word import Word
from bridge.rules.accounts import minding
from bridge.rules.accounts.health import KINDS
from bridge.rules.customers import history
from bridge.rules.desk import days
from bridge.settings import Audit, Changed, dated, shown, subject
from bridge.store import alerts, cards, closing, identities, leaving, pausing, rows, schema, tickets
from bridge.store.hand import Hand as Hand  # noqa: PLC0414 - its name outside
from bridge.store.hand import announced
from bridge.store.held import WAITING
from bridge.store.moving import come_back, follow, set_route
from bridge.store.reading import account_of
from bridge.store.reading import accounts_of as accounts_of  # noqa: PLC0414 - its name outside
from bridge.store.schema import account as accounts
from bridge.store.schema import conversation as conversations
from bridge.store.schema import outbox

FORGOTTEN = "taken_back"
"""Why an account cannot send whose removal was taken back: its login was forgotten."""


class Connecting(Word, kw_only=True):
    """An account as it is connected. *sealed*: its access token, encrypted.

    connected_by: who of `bridge.store.logins` logged in; None: not known. token_expires_at, data_access_expires_at: by the
    network's word.
    """

    workspace: WorkspaceId
    platform: Platform
    remote_id: str
    name: str
    login: Login
    health: Health
    cause: str | None
    sealed: str
    settings: AccountSettings
    connected_by: int | None = None
    token_expires_at: datetime | None = None
    data_access_expires_at: datetime | None = None


class Connected(Word, kw_only=True):
    """How connecting ended. *new*: it was not there before; *released*: the incidents whose holds are over."""

    account: Account
    new: bool
    released: tuple[str, ...]


# ── looking ───────────────────────────────────────────────────────────────────────────────────────────────


def find(
    conn: sa.Connection, platform: Platform, remote_id: str, workspace: WorkspaceId | None = None
) -> Account | None:
    """The account an operator means, be it removed; of several workspaces' the one that is connected."""
    found = [
        account
        for account in accounts_of(conn, workspace)
        if account.platform is platform and account.remote_id == remote_id
    ]
    order = (Wish.ON, Wish.PAUSED, Wish.REMOVED)
    return min(found, key=lambda account: (order.index(account.wish), -account.id), default=None)


def account_json(account: Account) -> dict[str, Any]:
    """An account as commands show it; never with its token."""
    return {
        "platform": account.platform.value,
        "id": account.remote_id,
        "workspace": account.workspace,
        "login": account.login.value,
        "wish": account.wish.value,
        "health": account.health.value,
        "cause": account.cause,
        **shown(account.name, account.settings),
    }


def sealed_of(conn: sa.Connection, account: AccountId) -> str | None:
    """The account's access token, still encrypted."""
    return conn.execute(sa.select(accounts.c.sealed).where(accounts.c.id == account)).scalar_one_or_none()


def connected_at(conn: sa.Connection, account: AccountId) -> datetime | None:
    """When the account was last connected."""
    return conn.execute(sa.select(accounts.c.connected_at).where(accounts.c.id == account)).scalar_one_or_none()


# ── changing ──────────────────────────────────────────────────────────────────────────────────────────────


def connect(hand: Hand, wanted: Connecting) -> Connected:
    """Add an account, or renew the one that is there: token, health, name and settings; what it held goes on.

    A paused account stays paused. In another workspace the same account is removed: it has one desk.
    """
    known = (accounts.c.platform == wanted.platform.value) & (accounts.c.remote_id == wanted.remote_id)
    query = sa.select(*rows.labelled(accounts, "account")).where(known).with_for_update()
    same = [rows.account(row) for row in hand.conn.execute(query)]
    before = next((account for account in same if account.workspace == wanted.workspace), None)
    for other in same:
        if other.workspace != wanted.workspace and other.wish is not Wish.REMOVED:
            set_wish(hand, other, Wish.REMOVED)
    if before is None:
        account = _add(hand, wanted)
        _look_at_others(hand, account, wanted)
        _hold(hand, account)
        return Connected(account=account, new=True, released=())
    account = _renew(hand, before, wanted)
    _look_at_others(hand, account, wanted)
    by = "" if wanted.connected_by is None else f"{BY_LOGIN}{wanted.connected_by}"
    released = release(hand, account, by=by)
    _hold(hand, account)
    return Connected(account=account, new=False, released=released)


def _hold(hand: Hand, account: Account) -> None:
    """What an account may not send yet waits; who asks how it stands says so in its alerts channel."""
    standing = minding.standing_of(account)
    for target in minding.holding(account, standing):
        hand.tx.effects.hold(target, minding.key_of(KINDS[standing.health], account.id))


def _look_at_others(hand: Hand, account: Account, wanted: Connecting) -> None:
    """A login for one account may end those that were there for others: ask about them at once."""
    if wanted.connected_by is not None:
        others = (accounts.c.connected_by == wanted.connected_by) & (accounts.c.id != account.id)
        there = accounts.c.wish != Wish.REMOVED.value
        hand.conn.execute(sa.update(accounts).where(others, there).values(probe_at=hand.moment.now))


def _columns(hand: Hand, wanted: Connecting) -> dict[str, Any]:
    return {
        "name": wanted.name,
        "login": wanted.login.value,
        "health": wanted.health.value,
        "cause": wanted.cause,
        "sealed": wanted.sealed,
        "removed_at": None,
        "leaving": None,
        "connected_at": hand.moment.now,
        "connected_by": wanted.connected_by,
        "token_expires_at": wanted.token_expires_at,
        "data_access_expires_at": wanted.data_access_expires_at,
        "probe_at": None,
        "refresh_at": None,
        "warn_at": hand.moment.now,
        "settings": rows.settings_json(wanted.settings),
    }


def _add(hand: Hand, wanted: Connecting) -> Account:
    values = {
        "workspace": wanted.workspace,
        "platform": wanted.platform.value,
        "remote_id": wanted.remote_id,
        "wish": Wish.ON.value,
        **_columns(hand, wanted),
    }
    made = hand.conn.execute(sa.insert(accounts).values(**values).returning(accounts.c.id)).scalar_one()
    account = _read(hand, AccountId(made))
    set_route(hand, account)
    after = shown(account.name, account.settings)
    audit(hand, account, Audit(who=hand.who, action="account.add", object=subject(account), before={}, after=after))
    return account


def _renew(hand: Hand, before: Account, wanted: Connecting) -> Account:
    wish = Wish.ON if before.wish is Wish.REMOVED else before.wish
    identities.login_changed(hand.conn, before, wanted.login)
    heard = next((at for _, at in hand.tx.ticks.heard_of(before.id)), None)
    settings = dated(before.settings, wanted.settings, hand.moment.now)
    values = _columns(hand, wanted) | {"wish": wish.value, "settings": rows.settings_json(settings)}
    hand.conn.execute(sa.update(accounts).where(accounts.c.id == before.id).values(**values))
    account = _read(hand, before.id)
    cards.have_become_untrue(hand.conn, before.id)
    closing.look_again(hand.conn, before.id)
    tickets.look_again(hand.conn, before.id)
    follow(hand, before, account)
    line = Audit(
        who=hand.who,
        action="account.renew",
        object=subject(account),
        before={"wish": before.wish.value, **shown(before.name, before.settings)},
        after={"wish": wish.value, **shown(account.name, account.settings)},
    )
    audit(hand, account, line)
    # What was told while the login or the subscription was dead was told in vain.
    missed = DeliveriesMissed(at=hand.moment.now, since=heard, account=account.id)
    hand.tx.facts.keep([history.to_item(missed, hand.tx.new_id())], hand.moment.steady)
    return account


def release(hand: Hand, account: Account, *, by: str = "") -> tuple[str, ...]:
    """Let everything go on that waits for this account on the network, and say what was announced is over.

    by: who has mended it: a person of the desk, or one who logged in (`named.BY_LOGIN`); empty: whoever runs the bridge.
    """
    target = schema.target
    own = account_target(account.id)
    held = sa.select(target.c.held_by).where(
        sa.or_(target.c.id == own, target.c.parent == own), target.c.held_by.is_not(None)
    )
    keys = {*hand.conn.execute(held).scalars(), f"reauth:{account.id}"}
    waited = {key: hand.conn.execute(WAITING, {"key": key}).scalar_one() for key in keys}
    released = tuple(sorted(key for key in keys if hand.tx.effects.release(key)))
    over = [
        AlertOver(workspace=account.workspace, at=hand.moment.now, key=key, values={"waiting": waited[key], "by": by})
        for key in sorted(keys)
        if announced(hand, account.workspace, key)
    ]
    if over:
        hand.tx.facts.keep([alerts.to_item(alert, hand.tx.new_id()) for alert in over], hand.moment.steady)
    return released


def change_settings(hand: Hand, account: Account, changed: Changed) -> Account:
    """Write a valid change of settings; nothing when nothing is different."""
    if changed.audit is None:
        return account
    settings = dated(account.settings, changed.settings, hand.moment.now)
    values: dict[str, Any] = {"name": changed.name, "settings": rows.settings_json(settings)}
    if settings.reauth_days != account.settings.reauth_days:
        values["warn_at"] = hand.moment.now
    if changed.settings.digest and not account.settings.digest:
        # The first is the next that becomes due: what was before nobody has asked for.
        values["digested"] = days.latest(changed.settings, hand.moment.now).isoformat()
    hand.conn.execute(sa.update(accounts).where(accounts.c.id == account.id).values(**values))
    after = _read(hand, account.id)
    if _on_cards(account) != _on_cards(after):
        cards.have_become_untrue(hand.conn, account.id)
    if _of_closes(account) != _of_closes(after):
        closing.look_again(hand.conn, account.id)
    if _of_tickets(account) != _of_tickets(after):
        tickets.look_again(hand.conn, account.id)
        tickets.go_again(hand, account.id)
    follow(hand, account, after)
    audit(hand, account, changed.audit)
    return after


def _on_cards(account: Account) -> tuple[Any, ...]:
    """What cards show of an account's settings, and when they are looked at next."""
    settings = account.settings
    return account.name, settings.human_agent, settings.card_fields, settings.auto_unanswered


def _of_closes(account: Account) -> tuple[Any, ...]:
    """What of an account's settings says when its closes are told of."""
    return account.settings.human_agent, account.settings.alert_standard, account.settings.alert_human


def _of_tickets(account: Account) -> tuple[Any, ...]:
    """What of an account's settings says when tickets are made."""
    return account.settings.ticket_timer, account.settings.ticket_sink


NO_LOGIN = {"token_expires_at": None, "data_access_expires_at": None}
"""When a login ends that is not there any more."""


def set_wish(hand: Hand, account: Account, wish: Wish) -> Account:
    """Pause, resume or remove an account. Removing forgets its token; history and threads stay."""
    if account.wish is wish:
        return account
    if wish is Wish.ON:
        pausing.tell(hand, account)
    if wish is Wish.REMOVED:
        leaving.begin(hand, account)
    gone = {**NO_LOGIN, "sealed": None, "removed_at": hand.moment.now}
    values: dict[str, Any] = {"wish": wish.value} | (gone if wish is Wish.REMOVED else {})
    hand.conn.execute(sa.update(accounts).where(accounts.c.id == account.id).values(**values))
    if wish is Wish.REMOVED:
        release(hand, account)
    if wish is Wish.ON:
        _wake(hand, account)
    else:
        come_back(hand, account)
    cards.have_become_untrue(hand.conn, account.id)
    closing.look_again(hand.conn, account.id)
    tickets.look_again(hand.conn, account.id)
    action = {Wish.ON: "account.resume", Wish.PAUSED: "account.pause", Wish.REMOVED: "account.remove"}[wish]
    line = Audit(
        who=hand.who,
        action=action,
        object=subject(account),
        before={"wish": account.wish.value},
        after={"wish": wish.value},
    )
    audit(hand, account, line)
    return _read(hand, account.id)


def restore(hand: Hand, account: Account) -> Account:
    """Take back that an account was removed: its settings and threads are there; nothing goes until somebody has logged in."""
    values: dict[str, Any] = {
        "wish": Wish.ON.value,
        "health": Health.NEEDS_REAUTHENTICATION.value,
        "cause": FORGOTTEN,
        **NO_LOGIN,
        "removed_at": None,
        "leaving": None,
        "probe_at": hand.moment.now,
    }
    hand.conn.execute(sa.update(accounts).where(accounts.c.id == account.id).values(**values))
    after = _read(hand, account.id)
    set_route(hand, after)
    _hold(hand, after)
    cards.have_become_untrue(hand.conn, account.id)
    closing.look_again(hand.conn, account.id)
    line = Audit(
        who=hand.who,
        action="account.restore",
        object=subject(account),
        before={"wish": account.wish.value},
        after={"wish": Wish.ON.value},
    )
    audit(hand, account, line)
    return after


def set_health(conn: sa.Connection, account: AccountId, health: Health, cause: str | None) -> None:
    """What the network allows the account now."""
    conn.execute(sa.update(accounts).where(accounts.c.id == account).values(health=health.value, cause=cause))


def audit(hand: Hand, account: Account, line: Audit) -> None:
    """Keep one line of the audit."""
    hand.conn.execute(
        sa.insert(schema.audit).values(
            workspace=account.workspace,
            at=hand.moment.now,
            who=line.who,
            action=line.action,
            object=line.object,
            before=dict(line.before),
            after=dict(line.after),
        )
    )


def _read(hand: Hand, account: AccountId) -> Account:
    found = account_of(hand.conn, account)
    if found is None:
        raise LookupError(f"account {account} is gone")
    return found


def _wake(hand: Hand, account: Account) -> None:
    """What waited in the outbox because the account was paused need not wait any longer."""
    own = conversations.c.account == account.id
    of_its_own = sa.select(conversations.c.id).where(own)
    forwarded = sa.select(conversations.c.forwarded_to).where(own, conversations.c.forwarded_to.is_not(None))
    there = hand.conn.execute(sa.select(schema.route.c.place).where(schema.route.c.account.in_(forwarded))).scalars()
    targets = {place_target(account.workspace, place) for place in (account.settings.channel, *there)}
    for target in targets:
        hand.tx.effects.know(target)
    hand.conn.execute(
        sa.update(outbox)
        .where(
            sa.text("outbox.state = 'ready'"),
            outbox.c.target.in_(targets),
            outbox.c.not_before > hand.moment.steady,
            outbox.c.conversation.in_(of_its_own),
        )
        .values(not_before=hand.moment.steady)
    )
