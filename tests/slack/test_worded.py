"""Settings as people read them: what was changed, and what is wrong, without the terminal's signs."""

from __future__ import annotations

import pytest

from bridge.model.ids import AccountId
from bridge.rules.setup import weighing
from bridge.slack.phrase import flat
from bridge.slack.refs import REFS
from bridge.slack.setup.about import About
from bridge.slack.setup.asking import at_fields
from bridge.slack.setup.editing import EDIT
from bridge.slack.setup.sections import NAMES, SECTIONS, part_of, settings_in
from bridge.slack.setup.worded import LABELS, differences, value
from bridge.split import WireLimit
from bridge.wording import LANGUAGES, Wording
from tests.slack.stage import account

WIRE = WireLimit(maximum=1_000, unit="bytes")
TYPED = {
    "name": "",
    "reopen_days": "many",
    "reauth_days": "0",
    "ceiling": "zwei",
    "undo_seconds": "4",
    "explicit_sign": "note:",
    "reactions_out": "no such",
    "hours": "月-金 9-5",
    "zone": "Mars",
    "holidays": "Mars",
    "auto_unanswered": "5m",
    "auto_first_text": "Hello {when}",
    "auto_away_text": "あ" * 900,
    "alert_standard": "1m",
    "quiet": "night",
    "digest": "noon",
    "ticket_timer": "5m",
    "ticket_sink": "https://me:secret@example.com/",
    "aliases": "Aki",
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("part", SECTIONS)
def test_what_is_wrong_is_said_without_the_terminals_spelling(part: str, language: str) -> None:
    """ZI-13: at a field neither its setting's name nor a sign stands; of another part the part and the field are named once."""
    wording = Wording(language)
    texts = {name: text for name, text in TYPED.items() if name != "auto_away_text"}
    wrong = weighing.wrong(account(), [], texts, {}, refs=REFS, wire=WIRE)
    wrong |= weighing.wrong(account(), [], {"auto_away_text": TYPED["auto_away_text"]}, {}, refs=REFS, wire=WIRE)
    assert set(wrong) == set(TYPED)
    shown = at_fields(wrong, EDIT.fields(About(account=AccountId(7), section=part)), wording)
    assert {name.partition(".")[0] for name in shown} - {"part"} == set(TYPED) & set(settings_in(part))
    for each in shown.values():
        assert "=" not in each
        assert not any(f"{name}" in each for name in LABELS if "_" in name)
        assert language == "en" or not set(each) & set("“”")
    lines = shown["part"].split("\n")
    assert len(lines) == len(set(TYPED) - set(settings_in(part)))
    for line, name in zip(lines, (each for each in wrong if each not in settings_in(part)), strict=True):
        named = {"part": wording.say(NAMES[part_of(name)]), "setting": wording.say(LABELS[name])}
        head = wording.say("set_up.wrong_elsewhere", **named, why="")
        assert line.startswith(head)
        assert head not in line.removeprefix(head)


def test_hours_that_cannot_be_read_come_with_an_example_in_the_readers_way() -> None:
    """I-03, ZI-13"""
    wrong = weighing.wrong(account(), [], {"hours": "月-金 9-5"}, {}, refs=REFS, wire=WIRE)
    fields = EDIT.fields(About(account=AccountId(7), section="automatic"))
    assert at_fields(wrong, fields, Wording("ja"))["hours"] == (
        "「月-金 9-5」を営業時間として読み取れません（例：月-金 09:00-18:00）。「9-5」だけでは、午前か午後かを区別できません。"
    )


@pytest.mark.parametrize(
    ("language", "setting", "before", "after", "line"),
    [
        ("en", "agents", "", "U0GINA", "Agents: every full member → U0GINA (nobody else may answer any more)"),
        ("en", "agents", "U0AKI,U0KEN", "U0KEN", "Agents: U0AKI, U0KEN → U0KEN (U0AKI: may not answer any more)"),
        ("en", "agents", "U0AKI,U0KEN", "U0KEN,S0CARE", "Agents: U0AKI, U0KEN → U0KEN, S0CARE"),
        ("en", "agents", "U0AKI", "", "Agents: U0AKI → every full member"),
        ("en", "alerts_channel", "", "C0ALERT", "Alerts channel: the account’s own channel → C0ALERT"),
        ("en", "auto_csat", "off", "on", "Ask whether customers are content: Off → On"),
        ("en", "hours", "always", "Mon-Fri 09:00-18:00", "Opening hours: always → Mon-Fri 09:00-18:00"),
        ("en", "aliases", "", "U0AKI:Hana", "Aliases: none → U0AKI Hana"),
        (
            "en",
            "ticket_sink",
            "slack:C0HELP",
            "https://tickets.example.com/in?key=s3cret",
            "Where tickets go: C0HELP → https://tickets.example.com/…",
        ),
        (
            "ja",
            "agents",
            "",
            "U0GINA",
            "返信できるメンバー：正規メンバー全員 → U0GINAに変更（ほかの人は返信できなくなります）",
        ),
        ("ja", "hours", "always", "Mon-Fri 09:00-18:00", "営業時間：いつでも → 月-金 09:00-18:00に変更"),
        ("ja", "ticket_timer", "off", "2h", "チケットを自動で作るまでの時間：オフ → 2時間に変更"),
        ("ja", "auto_first_text", "", "はい", "最初のメッセージへの自動返信の文面：ブリッジの標準の文面 → 「はい」に変更"),
    ],
)  # fmt: skip
def test_what_was_changed_is_told_in_words(language: str, setting: str, before: str, after: str, line: str) -> None:
    """ZI-24: from what to what, who may no longer do something; an address without what lets somebody in."""
    assert [flat(each) for each in differences({setting: before}, {setting: after}, Wording(language))] == [line]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_setting_is_called_something_and_its_choices_too(language: str) -> None:
    """ZI-24: no word of the command line's stands in an answer."""
    wording = Wording(language)
    assert all(wording.say(key) != name for name, key in LABELS.items())
    assert flat(value("card_fields", "username,follows", wording)) != "username,follows"
    assert flat(value("answer_mode", "undo", wording)) == wording.say("setting.mode_undo")
