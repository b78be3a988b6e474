"""The window of an account's settings, drawn: every setting has its field, and every part fits."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bridge import settings
from bridge.demo.slack.blocks import check_view
from bridge.model.change import replace
from bridge.model.ids import AccountId, PlaceRef
from bridge.model.setup import Beside, SetupSheet
from bridge.model.state import CardField, Known, Platform, Said, Wish
from bridge.rules.setup import routes, weighing
from bridge.slack.refs import REFS
from bridge.slack.setup import disclosing, editing, keying
from bridge.slack.setup.about import About, found, written
from bridge.slack.setup.kinds import Drawing, Drawn, view
from bridge.slack.setup.sections import SECTIONS, part_of, settings_in, values_of
from bridge.split import WireLimit
from bridge.tickets import SECRET
from bridge.wording import LANGUAGES, Wording
from tests.slack.stage import WORKSPACE, account

NOON = datetime(2026, 9, 30, 12, tzinfo=UTC)
ACCOUNT = account()
WIRE = WireLimit(maximum=1_000, unit="bytes")


def drawing(about: About, language: str = "en") -> Drawing:
    """A window of the account's settings, about to be drawn."""
    sheet = SetupSheet(
        workspace=WORKSPACE, account=ACCOUNT, others=(), beside=Beside(), known=Known(), language=language
    )
    return Drawing(sheet=sheet, about=about, wording=Wording(language), now=NOON, groups={"S0CARE": "@care"})


def test_every_setting_has_its_field_but_the_secret() -> None:
    """ZI-24: what the command line can set, the window can set too; a secret is never typed in Slack."""
    shown = [name for part in SECTIONS for name in settings_in(part)]
    assert sorted(shown) == sorted(set(settings.SETTABLE) - {SECRET})
    assert all(part_of(name) == part for part in SECTIONS for name in settings_in(part))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("part", SECTIONS)
def test_every_part_is_a_view_that_slack_takes(part: str, language: str) -> None:
    """Within Slack's limits, in each language; and what it is about is read again as it was written."""
    made = editing.draw(drawing(About(account=AccountId(7), section=part), language))
    assert isinstance(made, Drawn)
    check_view(view(editing.EDIT, made, Wording(language)), "modal")
    assert found({"private_metadata": written(made.about)}) == made.about
    assert set(made.about.seen) == set(settings_in(part))


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_tickets_go_to_an_address_the_window_says_whether_a_key_signs_and_has_the_button(language: str) -> None:
    """ZI-04, ZI-24: another way of tickets needs none; without a key the button is the one to press."""
    about = About(account=AccountId(7), section="tickets", way="webhook")
    asked, said = drawing(about, language), []
    for beside in (Beside(), Beside(signed=True, signer="#1")):
        made = editing.draw(replace(asked, sheet=replace(asked.sheet, beside=beside)))
        assert isinstance(made, Drawn)
        check_view(view(editing.EDIT, made, Wording(language)), "modal")
        (row,) = [each for each in made.blocks if each.get("block_id") == keying.BLOCK]
        assert (row["accessory"]["action_id"], row["accessory"]["value"]) == ("setup:key", str(ACCOUNT.id))
        assert ("style" in row["accessory"]) is not beside.signed
        said.append(row["text"]["text"])
    assert len(set(said)) == 2
    for way in ("slack", "mail", "-"):
        made = editing.draw(drawing(replace(about, way=way), language))
        assert isinstance(made, Drawn)
        assert not any(each.get("block_id") == keying.BLOCK for each in made.blocks)


def test_what_is_typed_in_one_part_goes_with_the_window_into_another_as_long_as_there_is_room() -> None:
    """More than Slack keeps with a window is not lost: the part stays, and says so."""
    held = About(
        account=AccountId(7), section="basics", held={"auto_first_text": "x" * 400}, seen={"auto_first_text": "#1"}
    )
    made = editing.draw(drawing(held))
    assert isinstance(made, Drawn)
    assert made.about.held == held.held
    full = replace(held, held={"auto_first_text": "x" * 2_900})
    assert editing.draw(drawing(full)) == Said(key="set_up.too_much")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_question_before_a_machine_writes_unsaid_is_a_view_and_holds_what_is_wanted(language: str) -> None:
    """ZI-24: as long as there is room; else the rest is to be saved first."""
    wanted = {"disclosure": "off", "zone": "Asia/Tokyo"}
    about = disclosing.about(About(account=AccountId(7), seen={"zone": "#1", "name": "#2"}), wanted)
    asked = disclosing.asked(drawing(about, language))
    assert isinstance(asked, dict)
    check_view(asked, "modal")
    assert found(asked) == replace(about, held=wanted, seen={"zone": "#1"})
    full = disclosing.about(about, {**wanted, "auto_first_text": "x" * 3_000})
    assert disclosing.asked(drawing(full, language)) == Said(key="set_up.too_much_to_ask")
    assert disclosing.is_asked(drawing(about).sheet, wanted)
    assert not disclosing.is_asked(drawing(about).sheet, {"zone": "Asia/Tokyo"})


def test_what_is_wrong_is_said_of_each_setting() -> None:
    """ZI-13: names are told apart whatever their letters; all that is wrong is said at once, together where it is so together."""
    other = replace(ACCOUNT, id=AccountId(8), remote_id="8", name="Shop Hanako Two")
    wanted = {"name": "  shop   HANAKO two", "undo_seconds": "4", "zone": "Mars", "hours": "Mon 9-8x"}
    wrong = weighing.wrong(ACCOUNT, [other], wanted, {}, refs=REFS, wire=WIRE)
    assert {name: why.key for name, why in wrong.items()} == {
        "name": "set_up.name_taken",
        "undo_seconds": "setting.no_seconds",
        "zone": "setting.no_zone",
        "hours": "setting.no_hours",
    }
    seen = {"zone": settings.mark("Asia/Tokyo")}
    assert (
        weighing.wrong(ACCOUNT, [], {"zone": "Europe/Berlin"}, seen, refs=REFS, wire=WIRE)["zone"].key
        == "set_up.other_hand"
    )
    long = weighing.wrong(ACCOUNT, [], {"auto_first_text": "あ" * 900}, {}, refs=REFS, wire=WIRE)
    assert list(long) == ["auto_first_text"]
    sink = {"ticket_sink": "http://127.0.0.1:9/tickets"}
    assert weighing.wrong(ACCOUNT, [], sink, {}, refs=REFS, wire=WIRE)["ticket_sink"].key == "setting.loopback"
    assert weighing.wrong(ACCOUNT, [], sink, {}, refs=REFS, wire=WIRE, loopback=True) == {}
    mail = {"ticket_sink": "mailto:help@example.com", "ticket_timer": "on"}
    assert (
        weighing.wrong(ACCOUNT, [], mail, {}, refs=REFS, wire=WIRE, mail=False)["ticket_sink"].key == "set_up.no_mail"
    )
    assert weighing.wrong(ACCOUNT, [], mail, {}, refs=REFS, wire=WIRE) == {}
    alone = {"ticket_timer": "60m", "ticket_sink": "off"}
    assert weighing.wrong(ACCOUNT, [], alone, {}, refs=REFS, wire=WIRE)["ticket_timer"].key == "set_up.timer_alone"
    assert weighing.wrong(ACCOUNT, [], {**alone, "ticket_timer": "off"}, {}, refs=REFS, wire=WIRE) == {}
    place = {"channel": PlaceRef("C0OTHER")}
    assert weighing.wrong(ACCOUNT, [other], place, {}, refs=REFS, wire=WIRE) == {}


@pytest.mark.parametrize(("most", "refused"), [(0, False), (1, True), (2, False)])
def test_a_channel_has_room_for_so_many_accounts_of_each_platform(most: int, refused: bool) -> None:
    """ZI-11, ZM-04: counted by platform; what was removed, or is elsewhere, takes no room; what is there already stays."""
    place = ACCOUNT.settings.channel
    beside = replace(ACCOUNT, id=AccountId(8), remote_id="2", name="Two")
    other = replace(beside, id=AccountId(9), remote_id="3", platform=Platform.MESSENGER)
    gone = replace(beside, id=AccountId(10), remote_id="4", wish=Wish.REMOVED)
    before = routes.moved(ACCOUNT, "C0ELSEWHERE")
    wrong = weighing.wrong(before, [beside, other, gone], {"channel": place}, {}, refs=REFS, wire=WIRE, most=most)
    assert [why.key for why in wrong.values()] == (["set_up.full"] if refused else [])
    assert routes.crowded([beside, other, gone, ACCOUNT], ACCOUNT, ACCOUNT, most) is None


def test_what_cards_show_is_chosen_in_words() -> None:
    """ZI-24, ZI-25: every field of the card has its word, in each language."""
    assert [value for value, _ in values_of("card_fields")] == [each.value for each in CardField]
    for language in LANGUAGES:
        words = [Wording(language).say(key) for _, key in values_of("card_fields")]
        assert not set(words) & set(CardField)
