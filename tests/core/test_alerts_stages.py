"""Incidents that come in stages: each told once, under the alert and directly; put off, and mended by somebody."""

from datetime import timedelta

import pytest

from bridge import alerts, threads
from bridge.model.change import replace
from bridge.model.decision import Decision, Drop, Go
from bridge.model.effects import EditAlert, LookForPost, PostAlert, PostStage, TellOwner
from bridge.model.facts import Act, AlertDue, AlertOver, Pressed
from bridge.model.ids import AccountId, IncidentId, PersonRef, PlaceRef, PostRef
from bridge.model.incident import Mark
from bridge.model.outcomes import Done, Refused, Unsure
from bridge.model.state import Incident, Known
from bridge.rules.acts import heeding
from bridge.rules.desk import incidents
from tests.core.factories import (
    AKI,
    DAY,
    DESK,
    GUEST,
    HOUR,
    NOON,
    OPS,
    PEOPLE,
    SECOND,
    STEADY,
    account,
    at,
    found,
    queued,
    told,
)

KEN = PersonRef("U-ken")
ALERT = PostRef("C-ops:1")
TARGET = "desk:T1:place:C-ops"


def due(stage: str | None = "14d", *, after: timedelta = timedelta(0), loud: bool = False, **values: str) -> AlertDue:
    """The login of an account ends; its two owners are to hear of it."""
    return AlertDue(
        workspace=DESK,
        at=NOON + after,
        key="reauth:5",
        kind="reauth",
        place=OPS,
        account=AccountId(5),
        values={"cause": "token_expired", **values},
        stage=stage,
        loud=loud,
        tell=(AKI, KEN),
    )


def only(decision: Decision) -> Incident:
    """The one incident of a decision."""
    (incident,) = decision.incidents
    return incident


def announced(stage: str | None = "14d") -> Incident:
    """An incident whose alert stands, and of which both owners were told."""
    opened = only(alerts.decide([], due(stage), at()))
    (post,) = found(alerts.decide([], due(stage), at()), PostAlert)
    done = threads.ended(
        None, post, Done(remote_id=ALERT), at(), row=1, target=TARGET, position=1, incident=opened, shown=opened
    )
    stands = marked(replace(opened, ref=ALERT), done)
    for person in (AKI, KEN):
        stands = marked(stands, heard(stands, person))
    return stands


def marked(incident: Incident, decision: Decision) -> Incident:
    """The incident as it is kept after a decision that notes how it was told."""
    for each in decision.marks:
        incident = incidents.marked(incident, each)
    return incident


def heard(incident: Incident, person: PersonRef, *, over: bool = False) -> Decision:
    """Somebody's direct message has gone."""
    tell = TellOwner(workspace=DESK, incident=incident.id, person=person, over=over)
    return threads.ended(
        None, tell, Done(), at(), row=2, target="desk:T1:private", position=1, incident=incident, shown=incident
    )


def ruled(decision: Decision, incident: Incident) -> list[bool]:
    """Of the replies under an alert, and of the direct messages: whether they go as things are."""
    effects = [each.effect for each in decision.effects if isinstance(each.effect, PostStage | TellOwner)]
    return [isinstance(threads.due(None, each, at(), incident), Go) for each in effects]


def test_the_beginning_is_told_in_the_channel_and_to_each_owner() -> None:
    """ZM-14, CT-33: one alert, one direct message each; all of it rests a little, for others that may come."""
    decision = alerts.decide([], due(), at())
    assert len(found(decision, PostAlert)) == 1
    assert [each.person for each in found(decision, TellOwner)] == [AKI, KEN]
    assert not found(decision, PostStage)
    soon = STEADY + HOUR + at().rules.alert_rest
    assert {each.not_before for each in decision.effects} == {soon}


@pytest.mark.parametrize(
    ("stage", "stands", "again"), [("week", False, True), ("week", True, False), ("refused", False, False)]
)
def test_a_warning_that_a_refusal_overtook_before_it_stood_is_due_again(stage: str, stands: bool, again: bool) -> None:
    """CT-32: whoever comes back after a standstill to a dead login was warned of nothing; once it is mended, they are."""
    before = announced(stage) if stands else only(alerts.decide([], due(stage), at()))
    refused = due("refused", after=SECOND, loud=True, cause="checkpoint")
    decision = alerts.decide([before], refused, at())
    assert only(decision).values["stage"] == "refused"
    expected = (AccountId(5), {"warned": None, "warn_at": refused.at})
    assert (decision.account, decision.upkeep) == (expected if again else (None, {}))


def test_a_further_stage_is_a_reply_under_the_alert_and_new_direct_messages() -> None:
    """CT-30…33: the alert is edited, which notifies nobody; the reply and the messages do."""
    before = announced()
    decision = alerts.decide([before], due("7d", after=DAY), at())
    assert [(each.stage, each.loud) for each in found(decision, PostStage)] == [("7d", False)]
    assert [each.person for each in found(decision, TellOwner)] == [AKI, KEN]
    assert len(found(decision, EditAlert)) == 1
    assert only(decision).values["stage"] == "7d"
    assert ruled(decision, only(decision)) == [True, True, True]
    (reply,) = queued(decision, PostStage)
    assert reply.lane == queued(decision, EditAlert)[0].lane == f"ops:{OPS}:{before.id}"


def test_the_same_stage_again_tells_nothing_twice() -> None:
    """Each stage once, across restarts and two workers that tick at once."""
    before = announced()
    assert alerts.decide([before], due(after=DAY), at()).ignored == "told already"
    moved = alerts.decide([before], due(after=DAY, cause="role_lost"), at())
    assert len(found(moved, EditAlert)) == 1
    assert not found(moved, PostStage)
    assert not found(moved, TellOwner)


@pytest.mark.parametrize("loud", [True, False])
def test_a_stage_may_be_shown_in_the_channel(loud: bool) -> None:
    """At 1 day and at expiry everybody in the channel sees it."""
    decision = alerts.decide([announced()], due("1d", after=DAY, loud=loud), at())
    assert [each.loud for each in found(decision, PostStage)] == [loud]


def test_what_was_not_announced_yet_is_told_with_its_latest_stage_alone() -> None:
    """The channel was closed for days: one alert says how things stand, and nothing stands under it."""
    opened = only(alerts.decide([], due(), at()))
    week = alerts.decide([opened], due("7d", after=DAY), at())
    waiting = only(week)
    assert ruled(week, waiting)[0] is False
    post = PostAlert(workspace=DESK, incident=opened.id, place=OPS)
    done = threads.ended(
        None, post, Done(remote_id=ALERT), at(), row=1, target=TARGET, position=1, incident=waiting, shown=waiting
    )
    assert ruled(week, marked(replace(waiting, ref=ALERT), done))[0] is False


def test_a_stage_that_came_while_the_alert_was_on_its_way_stands_under_it() -> None:
    """The alert was worded with the stage before: nobody is left with that."""
    opened = only(alerts.decide([], due(), at()))
    week = alerts.decide([opened], due("7d", after=DAY), at())
    post = PostAlert(workspace=DESK, incident=opened.id, place=OPS)
    done = threads.ended(
        None, post, Done(remote_id=ALERT), at(), row=1, target=TARGET, position=1, incident=only(week), shown=opened
    )
    assert ruled(week, marked(replace(only(week), ref=ALERT), done))[0] is True


def test_of_stages_that_waited_together_the_latest_alone_is_told() -> None:
    """Slack was away over two stages."""
    before = announced()
    first = alerts.decide([before], due("7d", after=DAY), at())
    second = alerts.decide([only(first)], due("3d", after=2 * DAY), at())
    assert ruled(first, only(second))[0] is False
    assert ruled(second, only(second))[0] is True


def test_a_reply_whose_answer_was_lost_is_looked_for_under_its_alert() -> None:
    """At least once; twice only after a crash in that very moment."""
    before = announced()
    (reply,) = found(alerts.decide([before], due("7d", after=DAY), at()), PostStage)
    lost = threads.ended(
        None, reply, Unsure(why="timeout"), at(), row=9, target=TARGET, position=1, incident=before, shown=before
    )
    assert [(each.row, each.place, each.root) for each in found(lost, LookForPost)] == [(9, OPS, ALERT)]


def test_what_slack_refuses_is_told_otherwise() -> None:
    """Not in the channel, then in the thread alone; not as drawn, then plainly; the alert deleted, then anew."""
    before = announced()
    (reply,) = found(alerts.decide([before], due("1d", after=DAY, loud=True), at()), PostStage)

    def after(effect: PostStage, code: str) -> Decision:
        outcome = Refused(code=code, why="desk_other")
        return threads.ended(
            None, effect, outcome, at(), row=9, target=TARGET, position=1, incident=before, shown=before
        )

    assert [each.loud for each in found(after(reply, "no_broadcast"), PostStage)] == [False]
    assert [each.plain for each in found(after(reply, "invalid_blocks"), PostStage)] == [True]
    gone = after(reply, "thread_gone")
    assert (marked(before, gone).ref, len(found(gone, PostAlert))) == (None, 1)
    assert after(replace(reply, plain=True), "invalid_blocks").ignored == "invalid_blocks"


def test_an_owner_who_cannot_be_reached_stops_nobody() -> None:
    """Each has a lane of their own; who is gone is not told, and hears of no end."""
    decision = alerts.decide([], due(), at())
    assert len({each.lane for each in queued(decision, TellOwner)}) == 2
    tell = found(decision, TellOwner)[0]
    outcome = Refused(code="user_not_found", why="desk_other")
    gone = threads.ended(
        None, tell, outcome, at(), row=2, target="desk:T1:private", position=1, incident=only(decision)
    )
    assert gone == Decision(ignored="user_not_found")


# ── the end ───────────────────────────────────────────────────────────────────────────────────────────────


def ended(incident: Incident) -> Decision:
    """It is mended."""
    over = AlertOver(workspace=DESK, at=NOON + DAY, key="reauth:5", values={"by": AKI})
    return alerts.decide([incident], over, at())


def test_whoever_was_told_of_the_beginning_is_told_of_the_end() -> None:
    """Once each; who was not reached is told nothing."""
    opened = only(alerts.decide([], due(), at()))
    assert not found(ended(opened), TellOwner)
    told_one = marked(replace(opened, ref=ALERT), heard(opened, AKI))
    decision = ended(told_one)
    assert [(each.person, each.over) for each in found(decision, TellOwner)] == [(AKI, True)]
    assert only(decision).values["by"] == AKI
    assert heard(only(decision), AKI, over=True).marks == ()


def test_a_message_that_was_on_its_way_when_it_ended_is_followed_by_the_end() -> None:
    """Nobody is left with the beginning alone."""
    closed = only(ended(announced()))
    late = heard(replace(closed, values={"stage": "14d"}), AKI)
    assert [(each.person, each.over) for each in found(late, TellOwner)] == [(AKI, True)]


def test_nothing_of_it_is_told_when_it_is_over() -> None:
    """Replies and messages that waited are dropped."""
    week = alerts.decide([announced()], due("7d", after=DAY), at())
    closed = only(ended(only(week)))
    assert ruled(week, closed) == [False, False, False]


def test_the_end_counts_what_has_really_gone() -> None:
    """*4 replies sent*: not what waited; those whose window closed meanwhile went back to their authors."""
    waited = replace(announced(), values={"waiting": 5})
    closed = only(ended(waited))
    assert "sent" not in closed.values
    some = only(alerts.gone_on(closed, 2, 3, at()))
    assert some.values["sent"] == 2
    assert alerts.gone_on(some, 2, 3, at()).ignored == "told already"
    through = alerts.gone_on(some, 4, 0, at())
    assert (only(through).values["sent"], len(found(through, EditAlert))) == (4, 1)
    assert alerts.gone_on(only(through), 9, 9, at()).ignored == "nothing goes"
    assert alerts.gone_on(only(ended(announced())), 1, 1, at()).ignored == "nothing goes"


def test_a_look_that_began_before_the_release_does_not_end_the_count() -> None:
    """Two loops, two readings of one clock: the look's may be the older by some milliseconds."""
    closed = only(ended(replace(announced(), values={"waiting": 3})))
    some = only(alerts.gone_on(closed, 1, 2, at(-timedelta(milliseconds=20))))
    assert only(alerts.gone_on(some, 3, 0, at())).values["sent"] == 3


def test_what_never_goes_is_not_counted_for_ever() -> None:
    """An hour later it waits for another reason."""
    closed = only(ended(replace(announced(), values={"waiting": 5})))
    given_up = only(alerts.gone_on(closed, 1, 4, at(3 * HOUR)))
    assert alerts.gone_on(given_up, 5, 0, at(3 * HOUR)).ignored == "nothing goes"


# ── put off ───────────────────────────────────────────────────────────────────────────────────────────────


def press(person: PersonRef = AKI, *, handle: str | None = None) -> Pressed:
    """*Snooze*, under the alert; with a *handle* in a direct message."""
    return Pressed(
        workspace=DESK,
        at=NOON + HOUR,
        act=Act.SNOOZE_ALERT,
        person=person,
        place=PlaceRef("D-aki") if handle else OPS,
        incident=IncidentId(1000),
        root=None if handle else ALERT,
        handle=handle,
    )


def pressed(incident: Incident, fact: Pressed) -> Decision:
    """What comes of it, where everybody is known."""
    owned = account(agents=(AKI,))
    return heeding.pressed(incident, owned, fact, Known(people=PEOPLE), at())


def test_a_day_of_quiet() -> None:
    """*Snooze*: the alert says who and until when; what became due is told when it is over, with its latest stage."""
    decision = pressed(announced(), press())
    quiet = only(decision)
    assert (quiet.values["snoozed"], quiet.values["snoozed_by"]) == ((NOON + HOUR + DAY).timestamp(), AKI)
    assert len(found(decision, EditAlert)) == 1
    for stage in ("7d", "3d"):
        moved = alerts.decide([quiet], due(stage, after=2 * HOUR), at(2 * HOUR))
        assert (found(moved, PostStage), found(moved, TellOwner)) == ([], [])
        quiet = only(moved)
    assert incidents.woken(quiet, at(DAY)).ignored == "not put off"
    awake = incidents.woken(quiet, at(HOUR + DAY))
    assert [each.stage for each in found(awake, PostStage)] == ["3d"]
    assert [each.person for each in found(awake, TellOwner)] == [AKI, KEN]
    assert not {"snoozed", "snoozed_by", "owed"} & only(awake).values.keys()
    assert incidents.woken(only(awake), at(3 * DAY)).ignored == "not put off"


def test_what_cannot_wait_is_told_all_the_same() -> None:
    """The last day, and the end itself; nothing is owed then."""
    quiet = only(pressed(announced(), press()))
    owing = only(alerts.decide([quiet], due("3d", after=2 * HOUR), at(2 * HOUR)))
    loud = alerts.decide([owing], due("1d", after=3 * HOUR, loud=True), at(3 * HOUR))
    assert [each.stage for each in found(loud, PostStage)] == ["1d"]
    assert len(found(loud, TellOwner)) == 2
    assert "owed" not in only(loud).values
    assert not found(incidents.woken(only(loud), at(HOUR + DAY)), PostStage)


def test_only_who_may_puts_it_off_and_only_once() -> None:
    """Owners, who was told, and agents; in a direct message the answer comes beside it."""
    stands = announced()
    assert told(pressed(stands, press(GUEST))) == ["act.not_agent"]
    quiet = only(pressed(stands, press(KEN)))
    assert told(pressed(quiet, press(handle="D-aki:5"))) == ["told.snoozed_already"]
    assert told(pressed(stands, press(handle="D-aki:5"))) == ["told.snoozed_now"]
    assert told(pressed(replace(stands, closed_at=NOON), press())) == ["told.over_already"]
    unknown = heeding.unknown(press(PersonRef("U-new")), account(), Known(people=PEOPLE))
    assert len(unknown) == 1


def test_the_way_to_a_login_is_made_anew_before_it_leads_nowhere() -> None:
    """*Reconnect* is good for two weeks; an alert that stays open for months leads there all the time."""
    stands = announced()
    assert incidents.led_anew(stands, at(6 * DAY)).ignored == "still leads there"
    anew = incidents.led_anew(stands, at(7 * DAY))
    assert len(found(anew, EditAlert)) == 1
    assert incidents.led_anew(only(anew), at(13 * DAY)).ignored == "still leads there"
    assert incidents.led_anew(only(anew), at(14 * DAY)).incidents
    assert incidents.led_anew(replace(stands, ref=None), at(30 * DAY)).ignored == "still leads there"


def test_an_incident_of_no_account_is_anybodys_of_the_house() -> None:
    """Members may put it off; guests and strangers may not."""
    house = replace(announced(), account=None, values={})
    assert heeding.pressed(house, None, press(), Known(people=PEOPLE), at()).incidents
    assert told(heeding.pressed(house, None, press(GUEST), Known(people=PEOPLE), at())) == ["act.guest"]


def test_a_message_waits_for_nothing_but_what_it_tells() -> None:
    """What is not there any more is told to nobody."""
    tell = TellOwner(workspace=DESK, incident=IncidentId(1), person=AKI)
    assert isinstance(threads.due(None, tell, at(), None), Drop)


def test_what_leads_to_a_login_leads_there_again_in_the_last_direct_message_too() -> None:
    """CT-35: the message that each of them heard it by last is edited with the alert; nobody is told anew."""
    open_still = announced()
    for person, ref in ((AKI, "D1:1"), (KEN, "D2:1"), (AKI, "D1:2")):
        open_still = incidents.marked(open_still, Mark(incident=open_still.id, told=person, line=PostRef(ref)))
    soon = incidents.led_anew(open_still, at(incidents.LINK_LASTS - HOUR))
    assert soon.effects == ()
    late = incidents.led_anew(open_still, at(incidents.LINK_LASTS + HOUR))
    assert [(each.person, each.again) for each in found(late, TellOwner)] == [(AKI, "D1:2"), (KEN, "D2:1")]
    again = found(late, TellOwner)[0]
    edited = incidents.ended(again, Done(), open_still, at(), row=1, position=1, shown=open_still)
    assert edited is not None
    assert edited.marks == ()
    assert isinstance(incidents.due(again, replace(open_still, closed_at=NOON + DAY)), Go)


def test_every_direct_message_of_it_says_when_it_is_over_and_asks_for_nothing_more() -> None:
    """CT-35: those of earlier stages, too; and one that was on its way meanwhile. Whoever was told hears of the end besides."""
    told_of = {**announced().values, "told": f"{AKI} {KEN}", "lines": f"{AKI}=D1:1 {KEN}=D2:1 {AKI}=D1:2"}
    tells = found(decision := ended(replace(announced(), values=told_of)), TellOwner)
    anew = [each for each in tells if each.again is not None]
    assert [(each.person, each.again) for each in anew] == [(AKI, "D1:1"), (KEN, "D2:1"), (AKI, "D1:2")]
    assert [each.person for each in tells if each.over] == [AKI, KEN]
    assert len({each.lane for each in queued(decision, TellOwner)}) == len(tells)
    assert all(isinstance(incidents.due(each, only(decision)), Go) for each in tells)
    tell = TellOwner(workspace=DESK, incident=IncidentId(1), person=KEN)
    late = incidents.heard(only(decision), tell, Done(remote_id="D2:9"), at())
    assert [(each.again, each.over) for each in found(late, TellOwner)] == [("D2:9", False), (None, True)]
