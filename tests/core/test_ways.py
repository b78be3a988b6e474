"""Which of an agent's messages are meant for the customer: by the way in which they were written, and what was known of them."""

from datetime import datetime

import pytest

from bridge import settings, threads
from bridge.model.change import replace
from bridge.model.decision import Scene
from bridge.model.effects import TellPerson
from bridge.model.facts import Act
from bridge.model.state import AccountSettings, Author, ReplyState, Said
from bridge.rules.answers import ways
from bridge.store import rows
from tests.core.factories import (
    DAY,
    HOUR,
    NOON,
    SECOND,
    account,
    answer,
    at,
    edited,
    found,
    going,
    offered,
    press,
    reply,
    scene,
    told,
    wrote,
)

SHOP = account().settings
MARKED = replace(SHOP, answer_mode="explicit")
LATER = at(2 * HOUR)


def place(of: AccountSettings, **changes: object) -> Scene:
    """A scene of an account with these settings."""
    return scene(account=replace(account(), settings=of), **changes)  # type: ignore[arg-type]


def test_when_answers_ceased_to_need_a_mark_is_kept_with_the_settings() -> None:
    """CT-08: by every way in which they are written, until answers cease to need one again."""
    opened = settings.dated(MARKED, SHOP, NOON)
    assert opened.marked_until == NOON
    assert rows.settings_of(rows.settings_json(opened)) == opened
    stopped = settings.dated(opened, replace(SHOP, answer_mode="undo"), NOON + DAY)
    assert stopped.marked_until == NOON
    again = settings.dated(stopped, MARKED, NOON + 2 * DAY)
    assert (again.answer_mode, again.marked_until) == ("explicit", NOON)
    assert settings.dated(again, SHOP, NOON + 3 * DAY).marked_until == NOON + 3 * DAY
    assert settings.dated(SHOP, replace(SHOP, answer_mode="undo"), NOON).marked_until is None


@pytest.mark.parametrize("mode", ["all", "undo"])
@pytest.mark.parametrize(
    ("text", "until", "state", "words"),
    [
        ("inner", NOON + HOUR + SECOND, ReplyState.NOTE, "inner"),
        ("reply: open", NOON + HOUR + SECOND, ReplyState.WAITING, "open"),
        ("open", NOON + HOUR, ReplyState.WAITING, "open"),
        ("reply: open", NOON + HOUR, ReplyState.WAITING, "reply: open"),
        ("open", None, ReplyState.WAITING, "open"),
    ],
)
def test_what_counts_is_the_way_in_which_it_was_written(
    mode: str, text: str, until: datetime | None, state: ReplyState, words: str
) -> None:
    """CT-08: heard after the change, it stays inside as before; a person may send it."""
    now = replace(SHOP, answer_mode=mode, marked_until=until)  # type: ignore[arg-type]
    decision = threads.decide(place(now), wrote(text), LATER)
    message = reply(decision)
    assert (message.state, message.text) == (state, words)
    if state is ReplyState.NOTE:
        assert message.reason == ways.UNMARKED
        sent = threads.decide(place(now, message=message), press(Act.SEND_TO_CUSTOMER), LATER)
        assert going(sent) == [1]


def test_of_a_change_whose_message_was_not_heard_counts_when_it_was_first_written() -> None:
    """CT-08: the change was made in the new way, the message in the old one."""
    now = replace(SHOP, marked_until=NOON + HOUR)
    change = replace(edited("inner"), written_at=NOON + HOUR - SECOND)
    assert reply(threads.decide(place(now), change, LATER)).state is ReplyState.NOTE


@pytest.mark.parametrize("late", [False, True])
def test_what_was_changed_before_it_was_first_heard_of_is_asked_about_until_its_author_says(late: bool) -> None:
    """CT-08: it may have been a note; a further change is no answer."""
    fact = (
        replace(wrote("was a note"), found_late=True, changed_at=NOON + HOUR + SECOND) if late else edited("was a note")
    )
    decision = threads.decide(scene(), replace(fact, edited_before=True), at(HOUR + SECOND))
    asking = reply(decision)
    assert (asking.state, told(decision)) == (ReplyState.ASKING, ["reply.question_edited"])
    again = threads.decide(
        scene(asking), replace(edited("was one, put better"), at=NOON + 2 * HOUR, edited_before=True), LATER
    )
    assert (reply(again).state, reply(again).text, going(again)) == (ReplyState.ASKING, "was one, put better", [])
    assert going(threads.decide(scene(reply(again)), press(Act.SEND), LATER)) == [1]


def test_what_is_known_and_changed_twice_is_not_asked_about() -> None:
    """What it said at first was read here."""
    waiting = answer("one")
    decision = threads.decide(scene(waiting), replace(edited("two"), edited_before=True), at(HOUR + SECOND))
    assert (reply(decision).state, reply(decision).text) == (ReplyState.WAITING, "two")


def test_a_change_of_a_note_that_was_never_heard_is_a_note() -> None:
    """CT-08: never by an edit."""
    decision = threads.decide(scene(), replace(edited("was a note"), was_note=True), LATER)
    assert (reply(decision).state, reply(decision).reason) == (ReplyState.NOTE, ways.NOTE)
    assert told(threads.decide(scene(reply(decision)), press(Act.SEND_TO_CUSTOMER), LATER)) == ["reply.note_stays"]


@pytest.mark.parametrize(
    ("reason", "key"),
    [(ways.STOPPED, "reply.inside_edited"), (ways.KEPT, "reply.inside_edited"), (ways.NOTE, "reply.note_edited")],
)
def test_a_change_of_what_is_inside_says_whether_the_menu_sends_it(reason: Said, key: str) -> None:
    inside = answer("one", state=ReplyState.NOTE, parts=(), reason=reason)
    decision = threads.decide(scene(inside), edited("two"), LATER)
    assert (reply(decision).text, told(decision), going(decision)) == ("two", [key], [])


@pytest.mark.parametrize("text", ["replay: Yes", "返事：Yes", "Repply : Yes"])
def test_a_misspelt_mark_is_told_to_its_author_and_what_follows_it_can_be_sent(text: str) -> None:
    """CT-08, promise 4."""
    decision = threads.decide(place(MARKED), wrote(text), LATER)
    message = reply(decision)
    assert (message.state, message.text, told(decision)) == (ReplyState.NOTE, "Yes", ["reply.sign_meant"])
    assert [each.buttons for each in found(decision, TellPerson)] == [(ways.SEND_INSIDE,)]
    assert offered(decision) == [Act.SEND_TO_CUSTOMER]
    sent = threads.decide(place(MARKED, message=message), press(Act.SEND_TO_CUSTOMER), LATER)
    assert (going(sent), told(sent)) == ([1], ["reply.sending"])


@pytest.mark.parametrize("text", ["replay: // inner", "返事：メモ：inner"])
def test_a_note_behind_a_misspelt_mark_is_a_note(text: str) -> None:
    """CT-08: no button sends it."""
    decision = threads.decide(place(MARKED), wrote(text), LATER)
    assert (reply(decision).reason, told(decision)) == (ways.NOTE, [])


@pytest.mark.parametrize("text", ["Yes", "replay the video", "Price: 500"])
def test_what_only_lacks_the_mark_is_not_spoken_of(text: str) -> None:
    assert told(threads.decide(place(MARKED), wrote(text), LATER)) == []


def test_a_second_press_on_stop_says_the_same_as_the_first() -> None:
    first = threads.decide(place(replace(SHOP, answer_mode="undo"), message=answer()), press(Act.STOP), LATER)
    again = threads.decide(scene(reply(first)), press(Act.STOP), LATER)
    assert (told(first), told(again), again.messages) == (["reply.stopped"], ["reply.stopped"], ())


def test_only_an_agents_message_is_sent_by_the_menu_and_the_others_say_so() -> None:
    """Promise 4: what is wrong is said as it is."""
    theirs = replace(answer("Hello"), author=Author.CUSTOMER, state=None, parts=())
    for message in (theirs, None):
        decision = threads.decide(scene(message), press(Act.SEND_TO_CUSTOMER), LATER)
        assert (told(decision), decision.messages) == (["reply.send_own"], ())
