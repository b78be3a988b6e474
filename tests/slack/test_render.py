"""What posts say, without a desk: the sentences, the limits, and that customers' words stay words."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.check import state_of
from bridge.demo.slack.blocks import check_message_blocks
from bridge.demo.slack.text import pages
from bridge.model.change import replace
from bridge.model.decision import Job, Scene
from bridge.model.effects import Button, PostLine, PostMessage, RedrawCard, TellPerson
from bridge.model.facts import Act
from bridge.model.ids import IncidentId, MessageId, PersonRef, PostRef
from bridge.model.incident import BY_LOGIN, Member
from bridge.model.state import (
    Author,
    Customer,
    Health,
    Incident,
    Message,
    Said,
    Value,
)
from bridge.slack import alerts, names, render
from bridge.slack.homes import accounts as homes
from bridge.slack.phrase import Words, flat, mrkdwn, phrase, summary
from bridge.split import visible
from bridge.wording import LANGUAGES, Wording, load
from tests.slack.stage import AKI, CONVERSATION, NOON, PLACE, TEAM, account, job, scene, wrote

ROOT = PostRef(f"{PLACE}:1763640000.000001")
SHOW = PostMessage(workspace=TEAM, conversation=CONVERSATION, message=MessageId(100))
DAY = timedelta(days=1)


def shown(message: Message, in_scene: Scene | None = None, **more: Any) -> dict[str, Any]:
    at = in_scene or scene(thread=ROOT, message=message)
    return render.message(job(SHOW, at, **more), at, message, ROOT, NOON, plain=False)


# -- names


@pytest.mark.parametrize(
    ("customer", "author"),
    [
        ({"name": "Yuki Tanaka"}, "Yuki Tanaka · Instagram"),
        ({"name": None, "username": "yuki_333"}, "yuki_333 · Instagram"),
        ({"name": "<!channel>\u202e\n evil"}, "!channel evil · Instagram"),
        ({"name": "\u200b\u2060 ", "username": None}, "Anonymous 1 · Instagram"),
    ],
)
def test_a_customers_name_is_one_harmless_line_with_the_network(customer: dict[str, Any], author: str) -> None:
    """CT-02: and nobody can pass as a colleague."""
    at = scene(message=wrote("Hi"))
    who = Customer(id=at.customer.id, remote_id="9", **customer)
    named = names.author(replace(at, customer=who), Wording("en"))
    assert named == author.replace("Anonymous 1", f"Anonymous {who.suffix}")


def test_two_anonymous_customers_differ() -> None:
    """CT-04: without a name or picture people are told apart, and stay the same."""
    at = scene(message=wrote("Hi"))
    called = {
        names.author(
            replace(at, customer=Customer(id=type(at.customer.id)(number), remote_id=str(number))), Wording("ja")
        )
        for number in (7, 8, 7)
    }
    assert len(called) == 2


def test_a_picture_that_is_no_address_is_left_out() -> None:
    """The picture is left out, not the message."""
    at = scene(thread=ROOT, message=wrote("Hi"))
    for picture in ("javascript:alert(1)", "https://", "https://x/" + "a" * 3_000, ""):
        odd = replace(at, customer=replace(at.customer, picture=picture))
        assert "icon_url" not in shown(wrote("Hi"), odd)


# -- customers' words


@given(text=st.text(min_size=1).filter(visible))
def test_any_words_make_a_post_that_slack_takes_and_that_pages_nobody(text: str) -> None:
    """CT-06, CT-08: whole, unchanged, and inert."""
    call = shown(wrote(text))
    check_message_blocks(call["blocks"])
    assert pages(call["text"], call["blocks"]) == frozenset()
    elements = [part for block in call["blocks"] for run in block["elements"] for part in run["elements"]]
    assert {part["type"] for part in elements} == {"text"}
    assert "".join(part["text"] for part in elements) == text
    assert (call["parse"], call["unfurl_links"], call["unfurl_media"]) == ("none", False, False)


@given(text=st.text(alphabet="<>&a*🙂", max_size=9_000), most=st.integers(10, 4_000))
def test_a_summary_fits_and_never_ends_in_half_an_escape(text: str, most: int) -> None:
    cut = summary(text, most)
    assert len(cut) <= most
    assert "<" not in cut
    assert ">" not in cut
    assert cut.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "").count("&") == 0


@given(text=st.text(alphabet="<>&a*_~`@here !channel|^", max_size=200), bold=st.booleans())
def test_a_name_in_a_line_is_never_mark_up(text: str, bold: bool) -> None:
    line = mrkdwn(phrase(Wording("en"), "thread.blocked", {"agent": "Aki", "customer": Words(text=text, bold=bold)}))
    block = {"type": "context", "elements": [{"type": "mrkdwn", "text": line, "verbatim": True}]}
    check_message_blocks([block])
    assert pages("", [block]) == frozenset()
    assert "<" not in line


@given(text=st.text(min_size=1, max_size=5).map(lambda few: few * 3_000), most=st.integers(100, 3_000))
def test_a_long_line_is_cut_to_fit(text: str, most: int) -> None:
    line = mrkdwn(phrase(Wording("en"), "thread.blocked", {"agent": "Aki", "customer": Words(text=text)}), most)
    assert len(line) <= most
    assert line.endswith("…")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(key.partition(".")[2] for key in load("en") if key.startswith("kind.")))
def test_every_kind_of_message_has_a_line_and_keeps_its_words(language: str, kind: str) -> None:
    for text in (None, "春の新作 <b>"):
        call = shown(wrote(text, kind=kind), language=language)
        check_message_blocks(call["blocks"])
        assert call["blocks"][0]["block_id"] == "row:41"
        assert text is None or text in _words(call["blocks"])


def test_a_kind_nobody_knows_and_an_empty_message_have_a_placeholder() -> None:
    for message in (wrote(None, kind="hologram"), wrote(None)):
        assert "cannot be shown here" in _words(shown(message)["blocks"])
    assert "sent an empty message" in _words(shown(wrote("  "))["blocks"])


def _words(blocks: list[dict[str, Any]]) -> str:
    return json.dumps(blocks, ensure_ascii=False).replace("&lt;", "<").replace("&gt;", ">")


def test_what_was_written_elsewhere_bears_the_bridges_own_name() -> None:
    call = shown(wrote("By phone", author=Author.ELSEWHERE))
    assert "username" not in call
    assert [block["type"] for block in call["blocks"]] == ["context", "rich_text"]


# -- sentences


def telling(said: Said, *buttons: Button) -> TellPerson:
    return TellPerson(
        workspace=TEAM, person=AKI, said=said, about=ROOT, root=None, at=NOON, message=MessageId(200), buttons=buttons
    )


def test_values_become_what_they_are() -> None:
    """Moments in each reader's zone, people by name, places and threads as links, reasons as sentences."""
    when = int(NOON.timestamp())
    at = scene(thread=ROOT)

    def words(key: str, **values: Value) -> str:
        return mrkdwn(render.said(job(SHOW, at), Said(key=key, values=values)))

    assert words("thread.closed", agent=AKI) == "Aki closed this conversation"
    assert words("thread.closed", agent="U0GONE") == "colleague closed this conversation"
    assert f"<!date^{when}^" in words("thread.unsent", when=when)
    link = f"<https://demo.slack.com/archives/{PLACE}/p1763640000000001|Open>"
    assert words("thread.forwarded", agent=AKI, channel="C0OTHER", link=ROOT).endswith(f"to <#C0OTHER>: {link}")
    assert words("thread.continues", link=ROOT) == f"This continues an earlier thread: {link}"
    assert words("reply.refused", why_key="error.desk_archived").startswith(f"Not sent. <#{PLACE}> is archived.")
    for why in ("error.other", "error.desk_other"):
        assert words("reply.refused", why_key=why, code="551").endswith("no words for (code 551).")


def test_a_sentence_without_its_values_is_shown_all_the_same() -> None:
    """A line with a gap is better than silence."""
    at = scene(thread=ROOT)
    assert flat(render.said(job(SHOW, at), Said(key="reply.too_long"))).startswith("Not sent yet. … characters")
    assert flat(render.said(job(SHOW, at), Said(key="no.such_key"))) == "[no.such_key]"
    assert flat(render.said(job(SHOW), Said(key="reply.unsure"))).startswith("Perhaps sent. …")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", sorted(key for key in load("en") if key.startswith(("thread.", "reply.", "whats_up."))))
def test_every_sentence_can_be_a_line_and_a_private_word(language: str, key: str) -> None:
    at = scene(thread=ROOT)
    line = PostLine(workspace=TEAM, conversation=CONVERSATION, said=Said(key=key))
    check_message_blocks(render.line(job(line, at, language=language), line, ROOT)["blocks"])
    button = Button(act=Act.RETRY, label=Said(key="button.retry"), style="primary")
    told = telling(Said(key=key), button)
    for call in (render.private(job(told, at), told), render.direct(job(told, at), told)):
        check_message_blocks(call["blocks"])
        assert call["blocks"][1]["elements"][0]["action_id"] == "retry"
        assert call["blocks"][1]["elements"][0]["value"] == "200"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "kind", ["reauth", "restricted", "setup", "place", "desk", "desk_scope", "dead_row", "not_shown"]
)
@pytest.mark.parametrize("over", [False, True])
def test_every_incident_is_told_with_the_accounts_name(language: str, kind: str, over: bool) -> None:
    incident = Incident(
        id=IncidentId(9), workspace=TEAM, key="k", kind=kind, place=PLACE, account=account().id,
        values={"cause": "archived", "code": "x", "channel": PLACE}, opened_at=NOON, closed_at=NOON if over else None,
    )  # fmt: skip
    effect = RedrawCard(workspace=TEAM, conversation=CONVERSATION)
    on = account(settings=replace(account().settings, owners=(AKI, PersonRef("U0KEN"))))
    text, blocks = alerts.alert(job(effect, language=language, account=on, waiting=3), incident, block_id="row:1")
    check_message_blocks(blocks)
    assert "[alert." not in text
    assert "…" not in text
    assert pages("", blocks) == (frozenset() if over else {AKI, "U0KEN"})


@pytest.mark.parametrize(
    ("cause", "code", "mend"),
    [
        ("desk_scope", "chat:write.customize", "`threadbridge manifest`"),
        ("policy", "restricted_action_read_only_channel", {"en": "workspace admin", "ja": "ワークスペースの管理者"}),
        ("archived", "is_archived", {"en": "Unarchive the channel", "ja": "アーカイブを解除"}),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["place", "alerts_place"])
def test_a_channel_that_takes_nothing_is_told_with_what_mends_it(
    language: str, kind: str, cause: str, code: str, mend: str | dict[str, str]
) -> None:
    """Promise 3: a permission or a rule of the workspace is named, and is not mended by an invitation."""
    incident = Incident(
        id=IncidentId(9), workspace=TEAM, key="k", kind=kind, place=PLACE, account=account().id,
        values={"cause": cause, "code": code, "channel": PLACE}, opened_at=NOON,
    )  # fmt: skip
    effect = RedrawCard(workspace=TEAM, conversation=CONVERSATION)
    text, _ = alerts.alert(job(effect, language=language, account=account(), waiting=3), incident, block_id="row:1")
    bare = text.replace("\u200b", "")
    assert (mend if isinstance(mend, str) else mend[language]) in bare
    assert (code in bare) is (cause != "archived")
    assert ("nvite the bridge" in bare or "ブリッジを招待" in bare) is (cause == "archived")


def test_a_job_without_a_scene_or_account_is_worded_all_the_same() -> None:
    incident = Incident(
        id=IncidentId(9),
        workspace=TEAM,
        key="k",
        kind="dead_inbox",
        place=PLACE,
        account=None,
        values={},
        opened_at=NOON,
    )
    bare: Job = job(RedrawCard(workspace=TEAM, conversation=CONVERSATION))
    _, blocks = alerts.alert(bare, incident, block_id="row:1")
    check_message_blocks(blocks)


def of_a_login(cause: str, **values: Any) -> Incident:
    """An incident about an account's login."""
    return Incident(
        id=IncidentId(9), workspace=TEAM, key="reauth:1", kind="reauth", place=PLACE, account=account().id,
        values={"cause": cause, "code": "", "stage": "refused", **values}, opened_at=NOON,
    )  # fmt: skip


def said_of(incident: Incident, language: str = "en", reconnect: str | None = None) -> str:
    """An alert's words."""
    bare: Job = job(RedrawCard(workspace=TEAM, conversation=CONVERSATION), language=language, account=account())
    return alerts.alert(bare, incident, block_id="row:1", reconnect=reconnect)[0].replace("\u200b", "")


@pytest.mark.parametrize(("language", "button"), [("en", "“Reconnect”"), ("ja", "「再接続」")])
@pytest.mark.parametrize("cause", ["password_changed", "role_lost", "page_link", "ends_token", "ends_interval", ""])
def test_an_alert_speaks_of_the_button_only_where_there_is_one(language: str, button: str, cause: str) -> None:
    """CT-35: without a public address there is no link either, but the command that takes a token."""
    linked = said_of(of_a_login(cause), language, "https://bridge.example.com/meta/connect?link=x")
    alone = said_of(of_a_login(cause), language)
    assert button in linked
    assert "accounts connect" in linked
    assert button not in alone
    assert "accounts connect" not in alone
    assert "`threadbridge accounts add`" in alone


@pytest.mark.parametrize(
    "cause",
    [
        "app_deauthorised",
        "page_removed",
        "permission_revoked",
        "page_link",
        "token_invalid",
        "role_lost",
        "data_access_expired",
    ],
)
def test_an_alert_promises_messages_only_where_they_come(cause: str) -> None:
    """CT-31: an app that was removed is told nothing either."""
    assert "New messages still arrive" in said_of(of_a_login("password_changed"))
    assert "New messages may not arrive" in said_of(of_a_login(cause))
    assert "New messages cannot be taken in" in said_of(of_a_login("secret_changed"))


@pytest.mark.parametrize(
    ("language", "read", "arrives"),
    [("en", "is read once somebody has logged in", "arrive"), ("ja", "ログインすると読み込まれます", "受信は続いて")],
)
def test_of_an_account_taken_back_is_said_when_what_comes_meanwhile_is_read(
    language: str, read: str, arrives: str
) -> None:
    """ZI-29: nothing arrives before the new login; the alert, Home and `check` have these words from one place."""
    said = said_of(of_a_login("taken_back"), language)
    assert said.count(read) == 1
    assert arrives not in said
    back = replace(account(), health=Health.NEEDS_REAUTHENTICATION, cause="taken_back")
    assert read in Wording(language).say(homes.causes(back, Wording(language))[0])
    assert "is read once somebody has logged in" in (state_of(back).problem or "")


@pytest.mark.parametrize(("kind", "offered"), [("reauth", True), ("restricted", False), ("setup", False)])
def test_what_says_nothing_more_cannot_be_put_off(kind: str, offered: bool) -> None:
    """M-03, I-10: its owners were told directly, and hear of its end alone."""
    bare: Job = job(RedrawCard(workspace=TEAM, conversation=CONVERSATION), account=account())
    _, blocks = alerts.alert(bare, replace(of_a_login("", tell=AKI), kind=kind), block_id="row:1")
    assert (Act.SNOOZE_ALERT.value in str(blocks)) is offered


@pytest.mark.parametrize("cause", ["ends_token", "ends_data_access", "ends_interval", "ends_refresh"])
@pytest.mark.parametrize(("language", "before"), [("en", "before that"), ("ja", "それまでに「")])
def test_at_its_end_nobody_is_asked_to_log_in_before_it(cause: str, language: str, before: str) -> None:
    """ZM-14: nor is said what the network has not been asked yet."""
    text = said_of(of_a_login(cause, stage="expired", ends=NOON.timestamp()), language)
    assert before not in text
    assert "still accepts" not in text


@pytest.mark.parametrize(("stage", "words"), [("week", "No longer due"), ("refused", "Mended by itself")])
def test_a_warning_that_no_longer_holds_is_not_called_mended(stage: str, words: str) -> None:
    over = replace(of_a_login("ends_interval", stage=stage, ends=NOON.timestamp()), closed_at=NOON)
    assert words in said_of(over)


def test_who_has_logged_in_is_not_named_where_it_cannot_be_taken_back() -> None:
    """What is told directly stays when the person asks for erasure; the alert in the channel is edited then."""
    mended = replace(of_a_login("password_changed", by=f"{BY_LOGIN}3"), closed_at=NOON)
    bare: Job = job(RedrawCard(workspace=TEAM, conversation=CONVERSATION), account=account())
    named = replace(bare, names={**bare.names, PersonRef(f"{BY_LOGIN}3"): "K. Sato"})
    assert "Mended by K. Sato" in alerts.alert(named, mended, block_id="row:1")[0]
    text, blocks = alerts.directly(named, mended, AKI)
    assert "Mended" in text
    assert "Sato" not in text + str(blocks)
    together = replace(mended, kind="many", values={"of": "reauth"})
    owned = replace(mended, values={**mended.values, "tell": AKI})
    several = replace(named, members=(Member(incident=owned, account=account()),))
    assert "K. Sato" in alerts.alert(several, together, block_id="row:1")[0]
    text, blocks = alerts.directly(several, together, AKI)
    assert "✅" in text
    assert "Sato" not in text + str(blocks)
