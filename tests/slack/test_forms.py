"""The form layer: fields as Block Kit, and back as checked values."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bridge.demo.slack.blocks import check_view
from bridge.model.asked import Asked
from bridge.model.change import replace
from bridge.model.facts import Act
from bridge.model.ids import MessageId, PersonRef, PostRef, RemoteId
from bridge.model.outcomes import RawItem
from bridge.model.state import Said
from bridge.rules.acts.door import ACTS
from bridge.slack.phrase import flat, phrase
from bridge.slack.setup.table import WINDOWS as SETUP
from bridge.slack.windows import about, acts, forms, submitted
from bridge.slack.windows.forms import Channel, Choice, Later, Member, Typed
from bridge.slack.windows.kinds import Drawing, Window, view
from bridge.slack.windows.table import WINDOWS
from bridge.wording import LANGUAGES, Wording, load
from tests.slack.stage import WORKSPACE, scene, wrote

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ROOT = PostRef("C0SUPPORT:1795262400.000001")
AKI = PersonRef("U0AKI")
EN, JA = Wording("en"), Wording("ja")
ANSWER = Typed(name="text", label="window.answer", most=10)
UNTIL = Later(name="until", label="window.which", longest=timedelta(days=30))
WHOM = Member(name="whom", label="window.which", optional=True)
PLACE = Channel(name="channel", label="window.which")
WHICH = Choice(name="which", label="window.which")


def state(name: str, **element: Any) -> dict[str, Any]:
    return {name: {name: element}}


@pytest.mark.parametrize(
    ("field", "element", "value", "wrong"),
    [
        (ANSWER, {"value": "  yes \u0000"}, "yes", None),
        (ANSWER, {"value": " \n "}, None, "Please fill this in."),
        (ANSWER, {"value": None}, None, "Please fill this in."),
        (ANSWER, {"value": "x" * 11}, "x" * 11, "At most 10 characters."),
        (WHICH, {"selected_option": {"value": "7"}}, "7", None),
        (WHICH, {"selected_option": None}, None, "Please fill this in."),
        (WHOM, {"selected_user": "U0KEN"}, "U0KEN", None),
        (WHOM, {"selected_user": "nobody at all"}, None, None),
        (PLACE, {"selected_conversation": "C0HELP"}, "C0HELP", None),
        (PLACE, {"selected_conversation": "#help"}, None, "Please fill this in."),
        (UNTIL, {"selected_date_time": int(NOW.timestamp()) + 60}, int(NOW.timestamp()) + 60, None),
        (
            UNTIL,
            {"selected_date_time": int(NOW.timestamp())},
            int(NOW.timestamp()),
            "Choose a time that is still to come.",
        ),
        (UNTIL, {"selected_date_time": 9_999_999_999}, 9_999_999_999, "At most 30 days ahead."),
        (UNTIL, {"selected_date_time": True}, None, "Please fill this in."),
    ],
)
def test_a_value_is_checked_at_its_field(
    field: forms.AnyField, element: Any, value: forms.Given, wrong: str | None
) -> None:
    """What is wrong stands at the field, in the reader's language."""
    read = forms.read([field], state(field.name, **element), EN, NOW)
    assert (read.values[field.name], read.wrong.get(field.name)) == (value, wrong)
    assert bool(forms.read([field], state(field.name, **element), JA, NOW).wrong) == (wrong is not None)


@pytest.mark.parametrize("shape", [None, 7, [], {"text": 3}, {"text": {"text": []}}, {"text": {"text": {"value": 5}}}])
def test_no_shape_of_a_state_breaks_a_form(shape: Any) -> None:
    """Total: whatever comes, it is a value or it is wrong."""
    assert forms.read([ANSWER], shape, EN, NOW).wrong.keys() == {"text"}


def test_fields_are_drawn_as_slack_takes_them() -> None:
    """Blocks, names and limits; what stood in a field stands there again."""
    blocks = [
        forms.draw(ANSWER, EN, "yes, and more than ten"),
        forms.draw(UNTIL, JA, 1_795_262_400),
        forms.draw(WHOM, EN, "U0KEN"),
        forms.draw(PLACE, EN, "C0HELP"),
        forms.draw(WHICH, EN, "b", [("a", "A"), ("b", "x" * 200)]),
    ]
    modal = {"type": "modal", "title": forms.plain_text("T"), "submit": forms.plain_text("S"), "blocks": blocks}
    check_view(modal, "modal")
    assert blocks[0]["element"]["initial_value"] == "yes, and m"
    assert blocks[4]["element"]["initial_option"]["value"] == "b"


@pytest.mark.parametrize("language", LANGUAGES)
def test_titles_and_buttons_of_windows_fit(language: str) -> None:
    """docs.slack.dev, Modals: 24 characters each."""
    sentences = load(language)
    talks = [key for window in WINDOWS.values() for key in (window.title, window.submit)]
    set_up = [key for window in SETUP.values() for key in (window.title, window.submit)]
    for key in filter(None, (*talks, *set_up, "button.cancel", "button.close_window")):
        assert len(sentences[key]) <= 24, key


def reply(*shown: Any, chosen: forms.Read | None = None) -> tuple[Window, Any]:
    """*Reply to this* on a post that shows these messages."""
    window = WINDOWS["reply_to"]
    asked = Asked(scene=replace(scene(), message=shown[0] if shown else None, shown=shown), language="en")
    opened = about.About(root=ROOT, language="en")
    read = chosen or forms.Read(values={}, wrong={})
    return window, window.draw(Drawing(asked=asked, about=opened, wording=EN, now=NOW, chosen=read, reader=AKI))


def several() -> tuple[Any, ...]:
    first = replace(wrote("Is this in stock?"), id=MessageId(1), remote_id=RemoteId("mid.1"))
    return first, replace(first, id=MessageId(2), remote_id=RemoteId("mid.2"), text="And in blue?")


def test_a_post_with_several_messages_asks_which_is_meant() -> None:
    """One alone is quoted by its first words; none that was unsent can be."""
    window, made = reply(*several())
    shape = check_view(view(window, made, EN), "modal")
    options = shape["blocks"][0]["element"]["options"]
    assert [each["text"]["text"] for each in options] == ["Is this in stock?", "And in blue?"]
    gone = replace(several()[0], unsent_at=NOW, text=None)
    _, made = reply(gone, several()[1])
    assert made.about.message == 2
    assert "And in blue?" in str(made.blocks)
    assert isinstance(reply(gone)[1], Said)
    assert isinstance(reply()[1], Said)


def test_what_is_sent_in_becomes_one_item_and_one_fact() -> None:
    """Kept once for a window as it stood; only ids travel unseen, and the words stand in the item alone."""
    window, made = reply(*several())
    shown = view(window, made, EN) | {"id": "V1", "hash": "1.a"}
    answers = {**state("text", value="Yes"), **state("which", selected_option={"value": "2"})}
    payload = {
        "type": "view_submission",
        "user": {"id": "U0AKI"},
        "team": {"id": WORKSPACE.id},
        "view": shown | {"state": {"values": answers}},
    }
    item = submitted.taken(payload, "slack:T0:C0:1", NOW)
    assert isinstance(item, RawItem)
    assert item.key == "slack:window:T0DEMO:V1"
    fact: Any = submitted.fact(json.loads(item.body), NOW, WORKSPACE)
    assert (fact.act, fact.message, fact.text, fact.root) == ("reply_to", 2, "Yes", ROOT)
    assert "stock" not in shown["private_metadata"]
    assert submitted.taken(payload | {"view": shown | {"state": {}}}, "x", NOW) == {
        "which": "Please fill this in.",
        "text": "Please fill this in.",
    }
    assert submitted.taken(payload | {"view": {**shown, "callback_id": "other"}}, "x", NOW) is None


@pytest.mark.parametrize("kept", [None, "", "[]", "{", '{"r": 5}', '{"r": "nowhere"}'])
def test_a_window_that_is_none_of_ours_is_left_alone(kept: Any) -> None:
    """Of another version, or made up."""
    assert about.found({"private_metadata": kept}) is None


def test_why_no_window_opens_can_be_said() -> None:
    """In the catalogue's words."""
    _, made = reply()
    assert "customer’s own message" in flat(phrase(EN, made.key, {}))


def test_every_act_stands_in_the_conversations_window() -> None:
    """Whoever adds one adds it to the table, with its fields."""
    assert {each.act for each in acts.OFFERS} >= ACTS | {Act.ASK, Act.NOTE, Act.ANSWER}
    assert len(acts.OFFERS) <= forms.MOST_OPTIONS
