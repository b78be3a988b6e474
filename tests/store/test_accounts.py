"""Accounts as operators change them."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from bridge.alerts import SOURCE
from bridge.lanes import place_target
from bridge.model.change import replace
from bridge.model.decision import Decision
from bridge.model.effects import PostMessage, PostRoot
from bridge.model.facts import AlertOver, DeliveriesMissed
from bridge.model.ids import IncidentId, PlaceRef, WorkspaceId
from bridge.model.outcomes import Done
from bridge.model.state import Account, AccountSettings, Health, Incident, Login, Platform, Wish
from bridge.model.upkeep import Unsubscribe
from bridge.rules.accounts import minding
from bridge.rules.customers import history
from bridge.settings import Audit, Changed
from bridge.store import accounts, leaving, schema
from bridge.store.accounts import Connected, Connecting, Hand
from bridge.store.alerts import from_body
from bridge.store.home import ends
from bridge.store.transaction import Tx
from tests.core.factories import at
from tests.store.factories import (
    AKI,
    ELSEWHERE,
    HOUR,
    NOON,
    PAGE,
    PLACE,
    TEAM,
    House,
    add_workspace,
    applied,
    met,
    outbox_rows,
    root,
    said,
    set_row,
    shows,
    threaded,
)

WANTED = Connecting(
    workspace=TEAM,
    platform=Platform.MESSENGER,
    remote_id=PAGE,
    name="Shop",
    login=Login.FACEBOOK,
    health=Health.READY,
    cause=None,
    sealed="sealed-1",
    settings=AccountSettings(channel=PLACE, owners=(AKI,)),
)


def hand(home: House, tx: Tx) -> Hand:
    return Hand(tx=tx, moment=home.moment, who="cli")


def connect(home: House, wanted: Connecting = WANTED) -> Connected:
    with home.open() as tx:
        if wanted.workspace not in {row.id for row in tx.connection.execute(schema.workspace.select())}:
            add_workspace(tx, wanted.workspace)
        return accounts.connect(hand(home, tx), wanted)


def change(home: House, account: Account, settings: AccountSettings, name: str = "Shop") -> Account:
    line = Audit(who="cli", action="account.set", object="messenger:1001", before={"ceiling": 1}, after={"ceiling": 2})
    with home.open() as tx:
        return accounts.change_settings(hand(home, tx), account, Changed(name=name, settings=settings, audit=line))


def test_an_account_is_added_once_and_renewed_ever_after(home: House) -> None:
    first = connect(home)
    home.pass_time(HOUR)
    again = connect(home, replace(WANTED, sealed="sealed-2", name="The Shop", settings=AccountSettings(channel=PLACE)))
    row = home.one(schema.account)
    assert (first.new, again.new) == (True, False)
    assert again.account.id == first.account.id == row.id
    assert (row.sealed, row.name, row.connected_at) == ("sealed-2", "The Shop", NOON + HOUR)
    assert again.account.settings.owners == ()
    assert [line.action for line in home.all(schema.audit)] == ["account.add", "account.renew"]
    assert "sealed" not in str(home.all(schema.audit))


def test_renewing_lets_go_what_the_account_held_and_says_that_it_is_over(home: House) -> None:
    """Every incident that holds the account's targets, and no other account's."""
    account = connect(home).account
    other = connect(home, replace(WANTED, remote_id="1002")).account
    key = f"reauth:{account.id}"
    incident = Incident(
        id=IncidentId(7),
        workspace=TEAM,
        key=key,
        kind="reauth",
        place=PLACE,
        account=account.id,
        values={},
        opened_at=NOON,
    )
    with home.open() as tx:
        tx.apply(None, Decision(incidents=(incident,)), NOON)
        tx.effects.hold(f"network:{account.id}", key)
        tx.effects.hold(f"network:{account.id}:sends", f"restricted:{account.id}")
        tx.effects.hold(f"network:{other.id}", f"reauth:{other.id}")
    again = connect(home)
    assert again.released == (key, f"restricted:{account.id}")
    assert {row.held_by for row in home.all(schema.target)} == {None, f"reauth:{other.id}"}
    (over,) = [from_body(row.body) for row in home.all(schema.inbox) if row.source == SOURCE]
    assert over == AlertOver(workspace=TEAM, at=NOON, key=key, values={"waiting": 0, "by": ""})
    (missed,) = [history.from_body(row.body) for row in home.all(schema.inbox) if row.source == history.SOURCE]
    assert missed == DeliveriesMissed(at=NOON, since=NOON, account=account.id)
    assert connect(home).released == ()


def test_a_paused_account_stays_paused_and_a_removed_one_comes_back_as_itself(home: House) -> None:
    account = connect(home).account
    with home.open() as tx:
        accounts.set_wish(hand(home, tx), account, Wish.PAUSED)
    paused = connect(home).account
    assert paused.wish is Wish.PAUSED
    with home.open() as tx:
        removed = accounts.set_wish(hand(home, tx), paused, Wish.REMOVED)
        assert accounts.sealed_of(tx.connection, account.id) is None
    assert removed.wish is Wish.REMOVED
    back = connect(home).account
    assert (back.id, back.wish) == (account.id, Wish.ON)


def tokens(home: House) -> tuple[str | None, str | None]:
    row = home.one(schema.account)
    return row.sealed, row.leaving


def removed(home: House, account: Account) -> Account:
    with home.open() as tx:
        return accounts.set_wish(hand(home, tx), account, Wish.REMOVED)


def test_the_token_of_a_removed_account_is_kept_for_its_leaving_alone_and_emptied_by_whoever_takes_it_back(
    home: House,
) -> None:
    """ZI-28 to ZI-30: nothing else reads it; what an operator has dropped keeps none."""
    account = connect(home).account
    removed(home, account)
    assert tokens(home) == (None, "sealed-1")
    (row,) = [row for row in home.all(schema.outbox) if row.kind == "Unsubscribe"]
    assert "sealed" not in str(row.payload)
    with home.open() as tx:
        leaving.forget(tx.connection)
    assert tokens(home) == (None, "sealed-1")
    back = connect(home, replace(WANTED, token_expires_at=NOON + HOUR)).account
    assert tokens(home) == ("sealed-1", None)
    with home.open() as tx:
        assert ends(tx.connection, [back.id]) == {back.id: NOON + HOUR}
    gone = removed(home, back)
    with home.open() as tx:
        accounts.restore(hand(home, tx), gone)
        assert ends(tx.connection, [gone.id]) == {}, "no login, no end of it"
    row = home.one(schema.account)
    assert (row.token_expires_at, row.data_access_expires_at) == (None, None)
    assert tokens(home) == (None, None)
    removed(home, connect(home).account)
    with home.open() as tx:
        tx.effects.drop([each.id for each in tx.connection.execute(schema.outbox.select())])
        leaving.forget(tx.connection)
    assert tokens(home) == (None, None)


def test_what_is_removed_again_while_its_first_end_is_on_its_way_keeps_the_token_for_the_second(home: House) -> None:
    """ZI-28, ZI-29: a reconnection in between subscribes again; only the last end leaves no token."""
    removed(home, connect(home).account)
    with home.open() as tx:
        [first] = [row.effect for row in tx.effects.claim(home.moment, 10) if isinstance(row.effect, Unsubscribe)]
    again = removed(home, connect(home, replace(WANTED, sealed="sealed-2")).account)
    over = minding.ended(again, first, Done(), at(), 0)
    with home.open() as tx:
        tx.apply(None, over, NOON)
    assert tokens(home) == (None, "sealed-2")
    with home.open() as tx:
        tx.connection.execute(sa.update(schema.outbox).values(state="done"))
        tx.apply(None, over, NOON)
    assert tokens(home) == (None, None)


def test_an_account_that_is_connected_in_another_workspace_leaves_the_first(home: House) -> None:
    first = connect(home).account
    second = connect(home, replace(WANTED, workspace=WorkspaceId("T2"))).account
    with home.open() as tx:
        found = {account.id: account.wish for account in accounts.accounts_of(tx.connection)}
        assert accounts.find(tx.connection, Platform.MESSENGER, PAGE) == second
        assert accounts.find(tx.connection, Platform.MESSENGER, PAGE, TEAM) is not None
        assert accounts.find(tx.connection, Platform.INSTAGRAM, PAGE) is None
        assert [account.id for account in accounts.accounts_of(tx.connection, TEAM)] == [first.id]
    assert found == {first.id: Wish.REMOVED, second.id: Wish.ON}


def test_a_change_is_written_with_its_line_and_no_change_writes_nothing(home: House) -> None:
    account = connect(home).account
    after = change(home, account, replace(account.settings, ceiling=2), "New")
    assert (after.name, after.settings.ceiling) == ("New", 2)
    line = home.all(schema.audit)[-1]
    assert (line.who, line.action, line.object, line.before, line.after, line.at) == (
        "cli",
        "account.set",
        "messenger:1001",
        {"ceiling": 1},
        {"ceiling": 2},
        NOON,
    )
    with home.open() as tx:
        same = Changed(name="Other", settings=after.settings, audit=None)
        assert accounts.change_settings(hand(home, tx), after, same) == after
    assert len(home.all(schema.audit)) == 2


def to_another_place(home: House, by: Callable[[House, Account], Account]) -> None:
    """Three conversations: one whose root stands, one whose root waits, one whose root is in hand."""
    account = connect(home).account
    with home.open() as tx:
        scenes = [threaded(tx, met(tx, f"3{number}"), ref) for number, ref in enumerate(("C1:1.0", None, None))]
        for scene in scenes:
            message = said(tx, scene)
            effects = (() if scene is scenes[0] else (root(scene.conversation),)) + (shows(scene, message),)
            applied(tx, scene, Decision(messages=(message,), effects=effects))
        in_hand = [row for row in outbox_rows(tx) if isinstance(row.effect, PostRoot)][1]
        set_row(tx, in_hand.id, state="working", lease=NOON)
    by(home, account)
    with home.open() as tx:
        after = [tx.scenes.of_conversation(scene.conversation.id) for scene in scenes]
        rows = outbox_rows(tx)
    threads = [scene.conversation.thread for scene in after if scene is not None]
    assert [(thread.place, thread.gone) for thread in threads if thread is not None] == [
        (PLACE, False),
        (ELSEWHERE, False),
        (PLACE, False),
    ]
    new, old = place_target(TEAM, ELSEWHERE), place_target(TEAM, PLACE)
    assert {row.target for row in rows if isinstance(row.effect, PostMessage)} == {new}
    assert [row.target for row in rows if isinstance(row.effect, PostRoot)] == [new, old]
    assert new in {row.id for row in home.all(schema.target)}
    assert home.one(schema.route).place == ELSEWHERE


@pytest.mark.parametrize("road", ["set", "connect"])
def test_conversations_follow_their_account_into_another_channel(home: House, road: str) -> None:
    """What waits moves; a root that stands, or may, stays behind, and the next post opens a thread where the account is."""

    def by(home: House, account: Account) -> Account:
        settings = replace(account.settings, channel=ELSEWHERE)
        if road == "set":
            return change(home, account, settings)
        return connect(home, replace(WANTED, settings=settings)).account

    to_another_place(home, by)


def test_another_accounts_rows_stay_where_they_are(home: House) -> None:
    account = connect(home).account
    other = connect(home, replace(WANTED, remote_id="1002")).account
    with home.open() as tx:
        scene = threaded(tx, met(tx))
        assert scene.account == account
        message = said(tx, scene)
        applied(tx, scene, Decision(messages=(message,), effects=(shows(scene, message),)))
    change(home, other, replace(other.settings, channel=PlaceRef("C3")))
    assert home.one(schema.outbox).target == place_target(TEAM, PLACE)
    assert not home.one(schema.thread).gone


def test_resuming_wakes_what_waited_for_it(home: House) -> None:
    account = connect(home).account
    with home.open() as tx:
        scene = threaded(tx, met(tx))
        message = said(tx, scene)
        applied(tx, scene, Decision(messages=(message,), effects=(shows(scene, message),)))
        set_row(tx, outbox_rows(tx)[0].id, not_before=NOON + HOUR)
        paused = accounts.set_wish(hand(home, tx), account, Wish.PAUSED)
        assert accounts.set_wish(hand(home, tx), paused, Wish.PAUSED) == paused
    assert home.one(schema.outbox).not_before == NOON + HOUR
    with home.open() as tx:
        assert accounts.set_wish(hand(home, tx), paused, Wish.ON).wish is Wish.ON
    assert home.one(schema.outbox).not_before == NOON
    assert [row.action for row in home.all(schema.audit)] == ["account.add", "account.pause", "account.resume"]


def test_an_account_is_shown_under_the_contracts_names_and_without_its_token(home: House) -> None:
    shown = accounts.account_json(connect(home).account)
    wanted = "platform id name workspace channel alerts_channel login human_agent wish health cause".split()
    assert set(wanted) <= shown.keys()
    assert shown["id"] == PAGE
    assert "sealed" not in str(shown)
