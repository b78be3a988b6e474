"""What an alerts channel reads of those whose windows close: line by line, in both languages, within Slack's limits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bridge.demo.slack.blocks import check_message_blocks
from bridge.model.change import replace
from bridge.model.closing import Close, Line, LineState, Stage
from bridge.model.decision import Closings, Job, Waiter
from bridge.model.effects import AnyEffect, EditAlert, PostAlert, PostStage
from bridge.model.ids import AccountId, ConversationId, GroupRef, IncidentId, MessageId, PersonRef, PostRef
from bridge.model.state import Account, Author, Health, Incident, Message
from bridge.rules.desk import announced
from bridge.slack.closing import alert
from tests.core.factories import (
    AKI,
    DAY,
    DESK,
    HOUR,
    MINUTE,
    NOON,
    OPS,
    SUPPORT,
    THREAD,
    WORKSPACE,
    account,
    at,
    conversation,
    scene,
)

KEN = PersonRef("U-ken")
SAID = Message(
    id=MessageId(1), conversation=ConversationId(11), author=Author.CUSTOMER, at=NOON, text="Do you have *this*? " * 9
)
INCIDENT = Incident(
    id=IncidentId(9),
    workspace=DESK,
    key="closing:9",
    kind=announced.KIND,
    place=OPS,
    account=AccountId(5),
    values={},
    opened_at=NOON + 22 * HOUR,
)


def waiter(
    state: LineState = LineState.OPEN,
    *,
    owner: PersonRef | None = None,
    group: GroupRef | None = None,
    quiet: bool = False,
    of: Account = account(),  # noqa: B008 - frozen
    **ended: Any,
) -> Waiter:
    thread = replace(THREAD, ref=PostRef("C0SHOP:1795326677.000100"))
    talk = replace(conversation(thread=thread), owner=owner, owner_group=group)
    line = Line(
        incident=INCIDENT.id,
        conversation=talk.id,
        stage=Stage.STANDARD,
        close_at=NOON + DAY,
        state=state,
        quiet=quiet,
        **ended,
    )
    return Waiter(line=line, scene=scene(SAID, conversation=talk, account=of))


def drawn(
    *shown: Waiter,
    more: int = 0,
    kind: type[AnyEffect] = PostAlert,
    language: str = "en",
    last: datetime = NOON + DAY,
    lapsed: int = 0,
    gone: int = 0,
    stage: str = "joined:1",
    owners: tuple[PersonRef, ...] = (),
) -> tuple[str, list[dict[str, Any]]]:
    """The alert's text and blocks, which Slack would take. more: so many who wait are not shown."""
    left = sum(each.line.state in (LineState.OPEN, LineState.SNOOZED) for each in shown)
    of: dict[str, Any] = {"workspace": DESK, "incident": INCIDENT.id, "place": OPS}
    effect = kind(**of, stage=stage) if kind is PostStage else kind(**of)
    job = Job(
        row=1, effect=effect, attempts=0, scene=None, workspace=WORKSPACE, account=account(), incident=INCIDENT,
        language=language, names={AKI: "Aki", KEN: "Ken"},
        closings=Closings(
            shown=shown, open=left + more, settled=len(shown) - left + gone, last=last if left else None, lapsed=lapsed, owners=owners,
            passed=sum(each.line.state is LineState.PASSED for each in shown),
            extended=sum(each.line.state is LineState.EXTENDED for each in shown),
        ),
    )  # fmt: skip
    text, blocks = alert(job, INCIDENT, block_id="row:1")
    check_message_blocks(blocks)
    assert len(blocks) <= 50
    return text, blocks


def acts(blocks: list[dict[str, Any]]) -> list[list[str]]:
    return [[each["action_id"] for each in block["elements"]] for block in blocks if block["type"] == "actions"]


CALLED = replace(account(), settings=replace(account().settings, on_call=(KEN,), on_call_groups=(SUPPORT,)))


def test_a_line_says_who_where_since_when_until_when_and_what_and_has_its_buttons() -> None:
    text, blocks = drawn(waiter())
    head, line = text.split("\n")
    assert head == "⏳ 1 conversation closes within 2 hours"
    assert line.startswith("*Yuki* · Shop Hanako · waiting since <!date^")
    assert f"closes <!date^{int((NOON + DAY).timestamp())}^" in line
    assert len(line) < 500
    assert acts(blocks) == [["open", "take", "snooze", "no_answer"]]
    assert acts(drawn(waiter(owner=AKI))[1]) == [["open", "snooze", "no_answer"]]
    assert {each["value"] for block in blocks for each in block.get("elements", ()) if "value" in each} == {
        "conversation:11"
    }


@pytest.mark.parametrize(
    ("who", "kind", "mentioned"),
    [
        (waiter(of=CALLED), PostAlert, ["<@U-ken>", "<!subteam^S-support>"]),
        (waiter(of=CALLED), PostStage, ["<@U-ken>", "<!subteam^S-support>"]),
        (waiter(of=CALLED, owner=AKI), PostAlert, ["<@U-aki>"]),
        (waiter(of=CALLED, group=SUPPORT), PostAlert, ["<!subteam^S-support>"]),
        # an edit is no new call, and in quiet hours nobody is called
        (waiter(of=CALLED, owner=AKI), EditAlert, []),
        (waiter(of=CALLED), EditAlert, []),
        (waiter(of=CALLED, quiet=True), PostAlert, []),
        (waiter(of=CALLED, owner=AKI, quiet=True), PostAlert, []),
        (waiter(LineState.SETTLED, of=CALLED), PostAlert, []),
    ],
)
def test_whoever_looks_after_them_is_mentioned_else_whoever_is_on_call(
    who: Waiter, kind: type[AnyEffect], mentioned: list[str]
) -> None:
    """F2: once, and nobody in quiet hours."""
    text, _ = drawn(who, kind=kind)
    every = ("<@U-ken>", "<@U-aki>", "<!subteam^S-support>")
    assert [each for each in every if each in text] == mentioned
    assert text.count("<@") + text.count("<!subteam") == len(mentioned)


ENDS = [
    (LineState.ANSWERED, "answered by Aki", "Akiさんが返信済み"),
    (LineState.CLOSED, "closed by Aki", "Akiさんが完了"),
    (LineState.SNOOZED, "put off by Aki until", "まで保留"),
    (LineState.BLOCKED, "blocked", "ブロック済み"),
    (LineState.OTHER_APP, "another app answers now", "別のアプリ"),
    (LineState.EXTENDED, "there is more time", "期限が延びました"),
    (LineState.SETTLED, "nothing is left to answer", "返信するものはなくなりました"),
    (LineState.PASSED, "a person can still answer", "まだ返信できます"),
    (LineState.LAPSED, "unanswered", "期限が過ぎました"),
]


def test_every_end_has_its_sentence() -> None:
    assert {state for state, *_ in ENDS} == set(LineState) - {LineState.OPEN}


@pytest.mark.parametrize(("state", "en", "ja"), ENDS)
def test_a_line_that_ended_says_how_and_shows_no_word_of_the_customers(state: LineState, en: str, ja: str) -> None:
    """I-12"""
    ended = waiter(state, person=AKI, ended_at=NOON + 23 * HOUR)
    for language, words in (("en", en), ("ja", ja)):
        text, blocks = drawn(ended, language=language)
        assert words in text
        assert "…" not in text
        assert "Do you have" not in text
        kept = {LineState.PASSED: [["open", "take", "no_answer"]], LineState.SNOOZED: [["open"]]}
        assert acts(blocks) == kept.get(state, [])


def test_an_answer_by_nobody_of_ours_tells_through_what() -> None:
    assert "answered in" in drawn(waiter(LineState.ANSWERED, ended_at=NOON))[0]


def test_whoever_looks_after_those_that_are_not_shown_is_mentioned_too() -> None:
    """F2"""
    text, _ = drawn(*[waiter(owner=AKI)] * 10, more=5, owners=(AKI, KEN))
    assert (text.count("<@U-ken>"), text.split("\n")[1]) == (1, "Also: <@U-ken>")
    assert "<@" not in drawn(*[waiter(owner=AKI)] * 10, more=5, kind=EditAlert, owners=(AKI, KEN))[0]


def test_ten_are_shown_and_the_others_counted() -> None:
    """F2"""
    text, blocks = drawn(*[waiter()] * 10, more=990)
    assert "⏳ 1000 conversations close within 2 hours" in text
    assert len(acts(blocks)) == 10
    assert "990 more: `/bridge closing`" in str(blocks)


@pytest.mark.parametrize(
    ("left", "language", "span"),
    [
        (timedelta(seconds=1), "en", "1 minute"),
        (timedelta(minutes=30), "en", "30 minutes"),
        (HOUR, "en", "1 hour"),
        (HOUR + timedelta(seconds=1), "en", "2 hours"),
        (47 * HOUR, "en", "47 hours"),
        (6 * DAY, "en", "6 days"),
        (2 * HOUR, "ja", "2時間以内"),
    ],
)
def test_the_heading_tells_how_soon(left: timedelta, language: str, span: str) -> None:
    early = replace(account(), settings=replace(account().settings, alert_standard=7 * 1440))
    text, _ = drawn(waiter(of=early), last=INCIDENT.opened_at + left, language=language)
    assert span in text.split("\n")[0]


def test_whoever_joined_late_does_not_make_the_time_longer_than_it_is_set() -> None:
    assert drawn(waiter(), last=INCIDENT.opened_at + 2 * HOUR + 5 * MINUTE)[0].startswith(
        "⏳ 1 conversation closes within 2 hours"
    )


TAGGED = account(human_agent=True)


def test_who_was_named_in_quiet_hours_is_named_with_a_mention_when_they_are_over() -> None:
    """F2: the reply says why it comes."""
    (line,) = announced.awake(INCIDENT, [announced.Due(scene=waiter(of=CALLED).scene, close=Close(stage=Stage.STANDARD, at=NOON + DAY, told_at=None))], 2, at())[1]  # fmt: skip
    assert (line.quiet, line.reply, announced.joined("awake:3")) == (False, 3, 3)
    text, _ = drawn(waiter(of=CALLED), kind=PostStage, stage="awake:3")
    assert text.startswith("⏳ Quiet hours are over: 1 conversation named above still waits")
    assert "<@U-ken>" in text
    assert "引き続き返信を待っています" in drawn(waiter(), kind=PostStage, stage="awake:3", language="ja")[0]


def test_a_first_window_is_not_told_of_as_the_last() -> None:
    """F2: whoever reads it knows until when a person can answer."""
    last = f"<!date^{int((NOON + 7 * DAY).timestamp())}^"
    en, ja = drawn(waiter(of=TAGGED))[0], drawn(waiter(of=TAGGED), language="ja")[0]
    assert "the first window closes <!date" in en
    assert f"a person can still answer until {last}" in en
    assert "返信期限を迎える会話が1件" in ja
    assert f"担当者からは{last}" in ja
    assert "返信できなくなる" not in ja
    assert "first window" not in drawn(waiter())[0]


@pytest.mark.parametrize(
    ("states", "en", "ja"),
    [
        ([LineState.PASSED, LineState.ANSWERED], "⚫ 1 of 2 was not answered in the first window", "⚫ 2件のうち1件は、通常の期限内"),
        ([LineState.PASSED, LineState.EXTENDED], "⚫ 1 of 2 was not", "⚫ 2件のうち1件は"),
        ([LineState.EXTENDED, LineState.ANSWERED], "⏳ 1 conversation here, with more time by now, still waits", "⏳ 期限が延びた会話が1件"),
    ],
)  # fmt: skip
def test_while_somebody_waits_on_the_heading_never_says_that_nobody_does(
    states: list[LineState], en: str, ja: str
) -> None:
    """I-12"""
    those = [waiter(each, person=AKI, ended_at=NOON) for each in states]
    assert drawn(*those)[0].startswith(en)
    assert drawn(*those, language="ja")[0].startswith(ja)


def test_those_who_are_not_shown_are_not_called_settled() -> None:
    """Of 300 whose windows lapsed ten are shown: the others are lost as well."""
    for language, words in (("en", "290 more not shown"), ("ja", "ほか290件は省略")):
        said, _ = drawn(*[waiter(LineState.LAPSED)] * 10, gone=290, lapsed=300, language=language)
        assert said.split("\n")[-1] == words


def test_when_nobody_waits_any_more_the_heading_says_so() -> None:
    assert drawn(waiter(LineState.ANSWERED))[0].startswith("✅ Nobody here is waiting any more")
    assert drawn(waiter(LineState.LAPSED), waiter(LineState.CLOSED), lapsed=1)[0].startswith("⚫ 1 of 2 closed without")


def test_an_account_that_cannot_send_is_told_with_the_line() -> None:
    """I-14, I-15: whoever reads it must answer elsewhere, or log in first."""
    dead = replace(account(), health=Health.NEEDS_REAUTHENTICATION)
    assert "needs re-authentication" in drawn(waiter(of=dead))[0]


def test_a_reply_names_those_who_came_later_without_buttons() -> None:
    text, blocks = drawn(waiter(), waiter(), kind=PostStage)
    assert text.startswith("⏳ 2 more conversations are about to close")
    assert "Do you have" not in str(blocks), "a reply is not edited when somebody takes their words back"
    assert acts(blocks) == []


@pytest.mark.parametrize(("language", "words"), [("en", "⚠ 1 answer may not have arrived"), ("ja", "⚠")])
def test_an_answer_that_may_have_arrived_is_told_where_the_window_closes(language: str, words: str) -> None:
    """Else somebody answers a second time in haste; it is gone from the line once it is settled."""
    unsure = waiter()
    unsure = replace(unsure, scene=replace(unsure.scene, conversation=replace(unsure.scene.conversation, unsure=1)))
    text, _ = drawn(unsure, language=language)
    assert words in text
    assert "⚠" not in drawn(waiter(), language=language)[0]
