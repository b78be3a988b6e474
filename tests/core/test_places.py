"""Places on the desk, and the desk itself."""

import pytest

from bridge import threads
from bridge.model.change import replace
from bridge.model.decision import Decision, Hold, Rules
from bridge.model.effects import ReadThread
from bridge.model.facts import (
    AlertDue,
    AlertOver,
    CredentialsAlive,
    CredentialsRevoked,
    Ignored,
    OwnPostSeen,
    PersonLearnt,
    PlaceChange,
    PlaceChanged,
    PostNotFound,
)
from bridge.model.ids import AccountId, PlaceRef
from bridge.model.state import Person, PersonKind
from bridge.rules.desk import places
from tests.core.factories import (
    AKI,
    DAY,
    DESK,
    HOUR,
    NOON,
    OPS,
    PEOPLE,
    ROOT,
    SHOP,
    THREAD,
    account,
    at,
    conversation,
    found,
    scene,
)

ELSEWHERE = PlaceRef("C-operators")


def changed(change: PlaceChange, place: PlaceRef = SHOP) -> PlaceChanged:
    """What became of a channel."""
    return PlaceChanged(workspace=DESK, at=NOON, place=place, change=change)


@pytest.mark.parametrize(
    ("alerts", "ops", "broken", "where"),
    [
        (OPS, ELSEWHERE, None, OPS),
        (None, ELSEWHERE, None, ELSEWHERE),
        (None, None, None, SHOP),
        (OPS, ELSEWHERE, OPS, ELSEWHERE),
        (None, None, SHOP, SHOP),
        (OPS, None, SHOP, OPS),
    ],
)
def test_where_an_accounts_alerts_go(
    alerts: PlaceRef | None, ops: PlaceRef | None, broken: PlaceRef | None, where: PlaceRef
) -> None:
    """Its alerts channel, else the operator's, else its own; not into the one that is broken, if there is another."""
    assert places.alerts_place(account(alerts_channel=alerts), Rules(ops_place=ops), broken=broken) == where


@pytest.mark.parametrize("change", [PlaceChange.ARCHIVED, PlaceChange.DELETED, PlaceChange.BOT_REMOVED])
def test_a_channel_that_cannot_be_posted_into_is_held_and_told_of_once(change: PlaceChange) -> None:
    """Archived, deleted, bot removed: held, announced once, in another channel."""
    decision = places.place_changed(changed(change), [account()], [], at())
    gone = {"gone": 1} if change is PlaceChange.DELETED else {}
    assert decision.holds == (Hold(target="desk:T1:place:C-shop", key="place:C-shop"),)
    (alert,) = decision.alerts
    assert isinstance(alert, AlertDue)
    assert (alert.account, alert.place, alert.values) == (account().id, OPS, {"cause": change, "channel": SHOP, **gone})


def test_each_account_of_a_closed_channel_hears_of_it_where_its_own_alerts_are() -> None:
    """Contract: an alert is in the account's alerts channel and holds the account's name; what holds is one for all."""
    others = replace(account(alerts_channel=ELSEWHERE), id=AccountId(8))
    decision = places.place_changed(changed(PlaceChange.DELETED), [account(), others], [], at())
    told = [alert for alert in decision.alerts if isinstance(alert, AlertDue)]
    assert [(alert.account, alert.place) for alert in told] == [(account().id, OPS), (others.id, ELSEWHERE)]
    assert len({alert.key for alert in told}) == 2
    assert {places.holding(alert.key) for alert in told} == {hold.key for hold in decision.holds}


def test_a_channel_of_no_account_is_nobodys_trouble() -> None:
    """The bridge leaves a channel that it was only visiting."""
    assert places.place_changed(changed(PlaceChange.ARCHIVED), [], [], at()).alerts == ()


def test_a_channel_that_is_back_lets_everything_go_and_its_threads_are_read_again() -> None:
    """What was written while the bridge was away is not lost; the incident is over."""
    decision = places.place_changed(changed(PlaceChange.USABLE), [account()], [scene()], at())
    assert decision.released == ("place:C-shop",)
    assert [type(alert) for alert in decision.alerts] == [AlertOver]
    (read,) = found(decision, ReadThread)
    assert (read.root, read.since) == (ROOT, NOON + HOUR - DAY)


def test_after_a_downtime_the_threads_that_stand_are_read_again() -> None:
    """A thread whose root does not stand yet has nothing to read."""
    without = scene(conversation=conversation(thread=None))
    pending = scene(conversation=conversation(thread=replace(THREAD, ref=None)))
    assert len(found(places.read_again([scene(), without, pending], at()), ReadThread)) == 1


def test_revoked_credentials_hold_the_desk_until_they_live_again() -> None:
    """Slack token revoked: held, sent after; of what was written meanwhile nobody has told us."""
    held = threads.decide_about_desk(CredentialsRevoked(workspace=DESK, at=NOON))
    freed = places.credentials_alive(CredentialsAlive(workspace=DESK, at=NOON), [scene()], at())
    assert [each.key for each in held.holds] == list(freed.released) == ["desk:T1"]
    assert held.holds[0].target == "desk:T1"
    assert len(found(freed, ReadThread)) == 1


def test_posts_that_do_not_come_back_are_an_incident_of_the_workspace() -> None:
    """Our own event is missing: agents' answers would be, too. One incident, however many posts."""
    alerts = {places.events_missing(scene(), PlaceRef("C1"), at(HOUR * hours)).key for hours in range(3)}
    assert alerts == {"events:T1"}


def test_who_somebody_is_belongs_to_their_workspace() -> None:
    """A person, and somebody nobody knows."""
    known = threads.decide_about_desk(PersonLearnt(workspace=DESK, at=NOON, ref=AKI, person=PEOPLE[AKI]))
    assert (known.workspace, known.people) == (DESK, (PEOPLE[AKI],))
    unknown = threads.decide_about_desk(PersonLearnt(workspace=DESK, at=NOON, ref=AKI, person=None))
    assert unknown.people == (Person(ref=AKI, kind=PersonKind.GONE, name=""),)


def test_what_was_seen_of_our_own_posts_ends_their_rows() -> None:
    """A post that came back stands; one that was looked for in vain may go again."""
    seen = OwnPostSeen(workspace=DESK, at=NOON, place=SHOP, ref=ROOT, root=None, keys=(501, 502))
    assert threads.decide_about_desk(seen).seen_rows == ((501, ROOT), (502, ROOT))
    missing = PostNotFound(workspace=DESK, at=NOON, key=501)
    assert threads.decide_about_desk(missing).unseen_rows == (501,)


def test_what_means_nothing_changes_nothing() -> None:
    """Counted by its reason."""
    assert threads.decide_about_desk(Ignored(why="another kind of event")) == Decision(ignored="another kind of event")
