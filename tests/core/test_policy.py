"""Windows to the second, who may answer, how long an answer may be, and when something is tried again."""

from datetime import timedelta

import pytest

from bridge import policy, roles
from bridge.model.change import replace
from bridge.model.decision import Allowed, Denied, Rules, Tag
from bridge.model.ids import GroupRef, PersonRef
from bridge.model.outcomes import Later, Scope
from bridge.model.state import Control, Known, Opener, Platform, Window, Wish
from bridge.roles import Action
from tests.core.factories import (
    AKI,
    BOT,
    DAY,
    GONE,
    GUEST,
    HOUR,
    MINUTE,
    NOBODY,
    NOON,
    PEOPLE,
    RULES,
    SECOND,
    STEADY,
    STRANGER,
    SUPPORT,
    account,
    answer,
    conversation,
    sayable,
    untouched,
)

BOTH = pytest.mark.parametrize("platform", list(Platform))
CLOSED, HUMAN = "reply.window_closed", Tag.HUMAN_AGENT


def ruled(ruling: Allowed | Denied) -> Tag | str | None:
    """The tag of what may go, the sentence of what may not."""
    if isinstance(ruling, Allowed):
        return ruling.tag
    sayable(ruling.said)
    return ruling.said.key


@BOTH
@pytest.mark.parametrize(
    ("opener", "human_agent", "waited", "ruling"),
    [
        # the standard window, half-open, to the second
        (Opener.MESSAGE, False, timedelta(0), None),
        (Opener.MESSAGE, False, 24 * HOUR - SECOND, None),
        (Opener.MESSAGE, False, 24 * HOUR, CLOSED),
        (Opener.MESSAGE, True, 24 * HOUR - SECOND, None),
        # a person may answer for seven days where the network granted it, and then only with the tag
        (Opener.MESSAGE, True, 24 * HOUR, HUMAN),
        (Opener.MESSAGE, True, 7 * DAY - SECOND, HUMAN),
        (Opener.MESSAGE, True, 7 * DAY, CLOSED),
        (Opener.MESSAGE, False, 7 * DAY - SECOND, CLOSED),
        # other acts open it too, and an ad for longer
        (Opener.POSTBACK, False, 24 * HOUR - SECOND, None),
        (Opener.POSTBACK, False, 24 * HOUR, CLOSED),
        (Opener.LINK, False, 24 * HOUR - SECOND, None),
        (Opener.LINK, False, 24 * HOUR, CLOSED),
        (Opener.PLUGIN, False, 24 * HOUR - SECOND, None),
        (Opener.PLUGIN, False, 24 * HOUR, CLOSED),
        (Opener.REACTION, False, 24 * HOUR - SECOND, None),
        (Opener.REACTION, False, 24 * HOUR, CLOSED),
        (Opener.AD_MESSAGE, False, 7 * DAY - SECOND, None),
        (Opener.AD_MESSAGE, False, 7 * DAY, CLOSED),
        (Opener.AD_MESSAGE, True, 7 * DAY - SECOND, None),
        (Opener.AD_MESSAGE, True, 7 * DAY, CLOSED),
    ],
)
def test_an_answer_may_go_until_its_window_closes(
    platform: Platform, opener: Opener, human_agent: bool, waited: timedelta, ruling: Tag | str | None
) -> None:
    """I-11, I-13, I-14, ZI-09, ZI-22, ZM-02, ZM-08, M-06, F2, F3, F4: at the close it is closed."""
    shop = account(platform=platform, human_agent=human_agent)
    assert ruled(policy.may_send(shop, conversation(opener), NOON + waited)) == ruling


@BOTH
def test_what_a_machine_says_has_only_the_standard_window(platform: Platform) -> None:
    """I-12: the window that is not a person's is over at 24 hours sharp, feature or not."""
    for feature in (True, False):
        shop = account(platform=platform, human_agent=feature)
        assert policy.window_at(shop, conversation(), NOON + 24 * HOUR - SECOND) is Window.STANDARD
        assert policy.window_at(shop, conversation(), NOON + 24 * HOUR) is not Window.STANDARD


def test_every_act_of_the_customer_counts_from_itself() -> None:
    """I-15, ZI-23: the last act opens the window anew, on day 9 too."""
    again = policy.open_window(conversation(), Opener.MESSAGE, NOON + 9 * DAY)
    assert again.standard_close == NOON + 10 * DAY
    assert again.human_close == NOON + 16 * DAY
    assert again.opens_at == NOON + 9 * DAY


def test_a_late_delivery_never_shortens_the_window() -> None:
    """I-15, F2: what was written earlier and arrives later changes nothing."""
    open_now = conversation()
    assert policy.open_window(open_now, Opener.MESSAGE, NOON - 3 * HOUR) == open_now


def test_a_message_within_an_ads_week_does_not_end_it() -> None:
    """F2: the longer of two windows stays, and a person's seven days count from the later act."""
    later = policy.open_window(conversation(Opener.AD_MESSAGE), Opener.MESSAGE, NOON + 2 * DAY)
    assert later.standard_close == NOON + 7 * DAY
    assert later.opened_by is Opener.AD_MESSAGE
    assert later.human_close == NOON + 9 * DAY


@pytest.mark.parametrize(
    ("opener", "after", "close"),
    [
        (Opener.MESSAGE, HOUR, 7 * DAY),
        (Opener.MESSAGE, 24 * HOUR - SECOND, 7 * DAY),
        (Opener.POSTBACK, HOUR, 24 * HOUR),
        (Opener.MESSAGE, 24 * HOUR, 24 * HOUR),
        (Opener.REACTION, HOUR, 24 * HOUR),
        (Opener.MESSAGE, -SECOND, 24 * HOUR),
    ],
)
def test_a_click_on_an_ad_opens_nothing_but_lengthens_what_the_customer_says_next(
    opener: Opener, after: timedelta, close: timedelta
) -> None:
    """F2: the first message after the ad has the longer window, counted from the message; the click alone has none."""
    clicked = policy.open_window(untouched(), Opener.AD_CLICK, NOON)
    assert ruled(policy.may_send(account(), clicked, NOON)) == "reply.never_wrote"
    said = policy.open_window(clicked, opener, NOON + after)
    assert said.standard_close == NOON + after + close


def test_only_the_first_message_after_an_ad_has_its_week() -> None:
    """F2: the next one counts its own 24 hours, and never shortens the week."""
    first = policy.open_window(policy.open_window(untouched(), Opener.AD_CLICK, NOON), Opener.MESSAGE, NOON + HOUR)
    again = policy.open_window(first, Opener.MESSAGE, NOON + 6 * DAY + 12 * HOUR)
    assert (first.standard_close, again.standard_close) == (NOON + HOUR + 7 * DAY, NOON + 7 * DAY + 12 * HOUR)
    assert (first.ad_at, again.opened_by) == (None, Opener.MESSAGE)


def test_a_button_in_an_ads_conversation_leaves_the_ads_week_to_the_message_after_it() -> None:
    """F2: Meta names the message alone; until it comes, the button's own 24 hours are all that is counted on."""
    pressed = policy.open_window(untouched(), Opener.AD_POSTBACK, NOON)
    assert (pressed.standard_close, pressed.opened_by) == (NOON + 24 * HOUR, Opener.POSTBACK)
    again = policy.open_window(pressed, Opener.POSTBACK, NOON + HOUR)
    assert again.standard_close == NOON + 25 * HOUR
    said = policy.open_window(again, Opener.MESSAGE, NOON + 2 * HOUR)
    assert (said.standard_close, said.ad_at) == (NOON + 2 * HOUR + 7 * DAY, None)


def test_the_networks_own_refusal_closes_the_window_it_was_sent_in() -> None:
    """F2: Meta's word is the last; first for the standard window, then for the person's."""
    shop = account(human_agent=True)
    first = policy.close_standard(conversation(Opener.AD_MESSAGE), NOON + 2 * DAY)
    assert ruled(policy.may_send(shop, first, NOON + 2 * DAY)) is HUMAN
    second = policy.close_standard(first, NOON + 3 * DAY)
    assert ruled(policy.may_send(shop, second, NOON + 3 * DAY)) == "reply.window_ended_early"


@pytest.mark.parametrize(
    ("waited", "told"), [(HOUR, "reply.window_ended_early"), (2 * DAY, "reply.ad_window_ended_early")]
)
def test_an_ads_week_that_the_network_does_not_grant_is_told_as_such(waited: timedelta, told: str) -> None:
    """F2: trusted until Meta refuses, then learnt for the conversation, until the customer writes again."""
    learnt = policy.close_standard(conversation(Opener.AD_MESSAGE), NOON + waited)
    assert ruled(policy.may_send(account(), learnt, NOON + waited)) == told
    again = policy.open_window(learnt, Opener.MESSAGE, NOON + 3 * DAY)
    assert ruled(policy.may_send(account(), again, NOON + 4 * DAY - SECOND)) is None


@pytest.mark.parametrize(
    ("human_agent", "opener", "days"),
    [(False, Opener.MESSAGE, 1), (True, Opener.MESSAGE, 7), (False, Opener.AD_MESSAGE, 7)],
)
def test_a_closed_window_is_told_in_the_customers_terms(human_agent: bool, opener: Opener, days: int) -> None:
    """ZI-22, ZI-35, CT-39: for how long replies are taken, and when the customer last wrote."""
    ruling = policy.may_send(account(human_agent=human_agent), conversation(opener), NOON + 8 * DAY)
    assert isinstance(ruling, Denied)
    assert ruling.said.values == {"days": days, "when": int(NOON.timestamp())}


def test_nobody_is_written_to_first() -> None:
    """F2: without an act of the customer there is no window."""
    assert ruled(policy.may_send(account(human_agent=True), untouched(), NOON)) == "reply.never_wrote"


@pytest.mark.parametrize(
    ("wish", "said", "retry"),
    [(Wish.PAUSED, "reply.account_paused", True), (Wish.REMOVED, "reply.account_removed", False)],
)
def test_a_paused_or_removed_account_sends_nothing(wish: Wish, said: str, retry: bool) -> None:
    """ZI-29, ZI-31, ZM-19, ZM-20: refused with the reason, whatever the window."""
    ruling = policy.may_send(account(wish=wish), conversation(), NOON)
    assert isinstance(ruling, Denied)
    assert (ruling.said.key, ruling.retry) == (said, retry)


def test_nothing_goes_while_another_app_answers() -> None:
    """M-19, F7: who does not hold the thread does not write in it."""
    taken = replace(conversation(), control=Control.OTHER)
    assert ruled(policy.may_send(account(), taken, NOON)) == "reply.other_app"


@pytest.mark.parametrize(
    ("human_agent", "waited", "closes"),
    [
        (False, HOUR, 23 * HOUR),
        (False, 23 * HOUR, 24 * HOUR - MINUTE),
        (False, 24 * HOUR - MINUTE, None),
        (True, HOUR, 24 * HOUR - MINUTE),
        (True, 24 * HOUR - MINUTE, 7 * DAY - HOUR),
        (True, 7 * DAY - HOUR, 7 * DAY - MINUTE),
        (True, 7 * DAY - MINUTE, None),
    ],
)
def test_the_card_changes_a_margin_before_each_close_it_has_and_an_hour_before_the_last(
    human_agent: bool, waited: timedelta, closes: timedelta | None
) -> None:
    """ZI-35: what the card shows is early by the margin; what may go is not."""
    shop = account(human_agent=human_agent)
    expected = None if closes is None else NOON + closes
    assert policy.next_close(shop, conversation(), NOON + waited, Rules()) == expected


UNNAMED: tuple[tuple[PersonRef, ...], tuple[GroupRef, ...]] = ((), ())


@pytest.mark.parametrize(
    ("person", "agents", "groups", "said"),
    [
        # nobody named: every full member, and nobody else
        (AKI, *UNNAMED, None),
        (GUEST, *UNNAMED, "reply.guest"),
        (STRANGER, *UNNAMED, "reply.other_company"),
        (BOT, *UNNAMED, "reply.no_member"),
        (GONE, *UNNAMED, "reply.no_member"),
        (NOBODY, *UNNAMED, "reply.unknown_person"),
        # somebody named: they alone, whoever they are
        (AKI, (GUEST,), (), "reply.not_agent"),
        (GUEST, (GUEST,), (), None),
        (STRANGER, (STRANGER,), (), None),
        (NOBODY, (NOBODY,), (), None),
        (GUEST, (AKI,), (), "reply.not_agent"),
        (STRANGER, (AKI,), (), "reply.other_company"),
        # a group named: its members
        (AKI, (), (SUPPORT,), None),
        (GUEST, (), (SUPPORT,), "reply.not_agent"),
        (AKI, (), (GroupRef("S-others"),), "reply.not_agent"),
        (AKI, (GUEST,), (SUPPORT,), None),
    ],
)
def test_who_may_answer_customers(
    person: PersonRef, agents: tuple[PersonRef, ...], groups: tuple[GroupRef, ...], said: str | None
) -> None:
    """ZI-25, ZM-17, ZM-18: one rule for answers and for buttons."""
    known = Known(people=PEOPLE, groups={SUPPORT: (AKI,), GroupRef("S-others"): ()})
    assert ruled(roles.authorise(person, Action.ANSWER, [account(agents=agents, groups=groups)], known)) == said


def test_whom_the_desk_did_not_name_in_time_may_try_again() -> None:
    """The sentence says *Press Retry*, so there must be one."""
    ruling = roles.authorise(NOBODY, Action.ANSWER, [account()], Known(people=PEOPLE))
    assert isinstance(ruling, Denied)
    assert ruling.retry


@pytest.mark.parametrize("person", [BOT, GONE])
def test_whom_no_retry_can_help_is_offered_none(person: PersonRef) -> None:
    """A deactivated account stays one, however long somebody waits."""
    ruling = roles.authorise(person, Action.ANSWER, [account()], Known(people=PEOPLE))
    assert isinstance(ruling, Denied)
    assert not ruling.retry


@pytest.mark.parametrize(
    ("person", "agents", "groups", "lacks"),
    [
        (AKI, (), (), (None, ())),
        (NOBODY, (), (), (NOBODY, ())),
        (AKI, (), (SUPPORT,), (None, (SUPPORT,))),
        (NOBODY, (), (SUPPORT,), (NOBODY, (SUPPORT,))),
        (NOBODY, (NOBODY,), (SUPPORT,), (NOBODY, ())),
    ],
)
def test_what_must_be_learnt_before_ruling(
    person: PersonRef,
    agents: tuple[PersonRef, ...],
    groups: tuple[GroupRef, ...],
    lacks: tuple[PersonRef | None, tuple[GroupRef, ...]],
) -> None:
    """ZI-25: a group is asked for only where it can matter."""
    assert roles.unknown_of(person, Action.WORK, account(agents=agents, groups=groups), Known(people=PEOPLE)) == lacks


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("a" * 1600, None),
        ("a" * 1601, 1601),
        ("👩‍👩‍👧" * 1600, None),
        ("👩‍👩‍👧" * 1601, 1601),
        ("か\u3099" * 1600, None),
        ("か\u3099" * 1601, 1601),
    ],
)
def test_the_ceiling_counts_what_people_see(text: str, count: int | None) -> None:
    """ZI-21, ZM-07: 1,600 characters in one go, emoji and combining marks counted once."""
    assert policy.too_long(answer(text), account()) == count


def test_the_ceiling_is_the_accounts_own_and_yields_to_its_authors_word() -> None:
    """ZI-21: per account; *Send as N messages* lifts it for one message."""
    assert policy.too_long(answer("a" * 200), account(ceiling=199)) == 200
    assert policy.too_long(replace(answer("a" * 1601), split=True), account()) is None


@pytest.mark.parametrize(
    ("platform", "text", "parts"),
    [
        (Platform.INSTAGRAM, "a" * 1000, 1),
        (Platform.INSTAGRAM, "a" * 1001, 2),
        (Platform.INSTAGRAM, "あ" * 333, 1),
        (Platform.INSTAGRAM, "あ" * 334, 2),
        (Platform.MESSENGER, "a" * 1999, 1),
        (Platform.MESSENGER, "a" * 2000, 2),
        (Platform.MESSENGER, "😀" * 999, 1),
        (Platform.MESSENGER, "😀" * 1000, 2),
    ],
)
def test_each_network_has_its_own_measure(platform: Platform, text: str, parts: int) -> None:
    """F1, ZI-21, ZM-07: bytes of UTF-8 on Instagram, UTF-16 units on Messenger."""
    assert len(policy.wire_parts(text, platform, RULES.wire)) == parts


@pytest.mark.parametrize(
    ("scope", "attempts", "asked", "delay"),
    [
        # a row's own fault: twice as long each time, at most five minutes, and then never again
        (Scope.ROW, 1, 0, 2),
        (Scope.ROW, 2, 0, 4),
        (Scope.ROW, 3, 0, 8),
        (Scope.ROW, 7, 0, 128),
        (Scope.ROW, 8, 0, None),
        (Scope.ROW, 1, 60, 60),
        (Scope.ROW, 7, 900, 900),
        # the other side's: as long as it asks for, for ever
        (Scope.TARGET, 1, 30, 30),
        (Scope.PARENT, 99, 30, 30),
        (Scope.TOP, 99, 5, 5),
    ],
)
def test_when_something_is_tried_again(scope: Scope, attempts: int, asked: int, delay: int | None) -> None:
    """An outage counts against no row; only a row's own faults use its tries up."""
    outcome = Later(after=timedelta(seconds=asked), why="busy", scope=scope)
    expected = None if delay is None else STEADY + timedelta(seconds=delay)
    assert policy.next_try(outcome, attempts, STEADY, Rules()) == expected


def test_the_delay_stops_growing() -> None:
    """At most five minutes between two tries, however many there were."""
    patient = Rules(max_attempts=100)
    outcome = Later(after=timedelta(0), why="busy", scope=Scope.ROW)
    assert policy.next_try(outcome, 50, STEADY, patient) == STEADY + 5 * MINUTE
