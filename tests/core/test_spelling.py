"""How people type settings: whatever their keyboard writes becomes what is kept, and what is kept is shown as they would type it."""

from __future__ import annotations

import pytest

from bridge import hours, settings
from bridge.settings.spelling import TYPED, plain, spelt
from bridge.slack.refs import REFS
from bridge.slack.setup.about import About
from bridge.slack.setup.editing import EDIT
from bridge.slack.setup.sections import part_of
from bridge.split import WireLimit
from bridge.wording import LANGUAGES, Wording
from tests.core import factories

WIRE = WireLimit(maximum=1_000, unit="bytes")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("月-金 9:00-18:00", "Mon-Fri 9:00-18:00"),
        ("月〜金 9:00～18:00", "Mon-Fri 9:00-18:00"),
        ("月ー金 9:00ー18:00", "Mon-Fri 9:00-18:00"),
        ("平日９：００－１８：００", "Mon-Fri 9:00-18:00"),
        ("平日 9時から18時まで", "Mon-Fri 9:00-18:00"),
        ("月曜日から金曜日 9時〜18時半", "Mon-Fri 9:00-18:30"),
        ("土日 10:00-14:00", "Sat,Sun 10:00-14:00"),
        ("月・水・金 9:00-12:00、13:00-18:00", "Mon,Wed,Fri 9:00-12:00,13:00-18:00"),
        ("月-金 9:00-18:00、土 10:00-14:00", "Mon-Fri 9:00-18:00; Sat 10:00-14:00"),
        ("金 18:00-翌2:00", "Fri 18:00-2:00"),
        ("毎日 10時〜20時", "Mon-Sun 10:00-20:00"),
        ("Mon-Fri 09:00-18:00, Sat 10:00-14:00", "Mon-Fri 09:00-18:00; Sat 10:00-14:00"),
        ("Mon-Thu 09:00-12:00,13:00-18:00; Fri 09:00-15:00", "Mon-Thu 09:00-12:00,13:00-18:00; Fri 09:00-15:00"),
        ("月-金 9-18", "Mon-Fri 9:00-18:00"),
        ("平日 午前9時〜午後6時半", "Mon-Fri 9:00-18:30"),
        ("Mon-Fri 9-18", "Mon-Fri 9:00-18:00"),
        ("monday to friday 9am-6pm", "Mon-Fri 9:00-18:00"),
        ("from Monday through Friday: 9.00 - 18.00, Sat 10-14", "Mon-Fri 9:00-18:00; Sat 10:00-14:00"),
        ("weekdays 9 a.m. to 6:30 p.m.", "Mon-Fri 9:00-18:30"),
        ("Mon, Wed and Fri 9-12 and 13-18", "Mon,Wed,Fri 9:00-12:00,13:00-18:00"),
        ("every day 8am-12am", "Mon-Sun 8:00-24:00"),
        ("金土 18時-26時", "Fri,Sat 18:00-2:00"),
        ("Sat 20:00-25:30", "Sat 20:00-1:30"),
        ("いつでも", ""),
        ("24時間営業", ""),
        ("", ""),
    ],
)
def test_hours_are_read_as_people_write_them(typed: str, kept: str) -> None:
    """I-03: in the window, after a command and on the command line alike; kept as they always were, and shown in Japanese."""
    changed = settings.change(factories.account(), {"hours": typed}, who="", refs=REFS, wire=WIRE)
    assert changed.settings.hours == kept
    shown = spelt("hours", kept, Wording("ja"))
    assert "Mon" not in shown
    assert hours.parse(plain("hours", shown)) == hours.parse(kept)


@pytest.mark.parametrize(
    ("setting", "typed", "kept"),
    [
        ("ticket_timer", "２時間", "2h"),
        ("ticket_timer", "90 minutes", "90m"),
        ("alert_standard", "３０分", "30m"),
        ("alert_human", "1日", "1d"),
        ("auto_unanswered", "オフ", "off"),
        ("quiet", "22時〜8時", "22:00-8:00"),
        ("digest", "8時半", "8:30"),
        ("ceiling", "1,000文字", "1000"),
        ("undo_seconds", "１０秒", "10"),
        ("reopen_days", "30日", "30"),
        ("board", "オン", "on"),
        ("reactions_out", "オフ", "off"),
        ("ticket_timer", "zwei", "zwei"),
        ("auto_first_text", "オフ", "オフ"),
    ],
)
def test_lengths_times_counts_and_switches_are_read_in_the_readers_words(setting: str, typed: str, kept: str) -> None:
    """I-03: what is no such thing stays as it was typed; so do words that customers read."""
    assert plain(setting, typed) == kept


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_shown_of_an_account_is_read_back_as_the_same(language: str) -> None:
    """ZI-24: a window that is sent in as it was opened changes nothing."""
    account = factories.account()
    texts = {name: settings.as_text(each) for name, each in settings.shown(account.name, account.settings).items()}
    texts |= {"alert_human": "1d", "alert_standard": "90m", "ticket_timer": "2h", "quiet": "22:00-08:00"}
    texts |= {"hours": "Mon-Thu 09:00-12:00,13:00-18:00; Sat,Sun 09:00-15:00", "digest": "08:30"}
    wording = Wording(language)
    for name in TYPED:
        assert plain(name, spelt(name, texts[name], wording)) == texts[name]


@pytest.mark.parametrize(
    "typed", ["Mon-Fri 9-5", "Mon-Fri 1-6pm", "Mon 13am-2pm", "Mon-Fri 25:00-26:00", "9:00-18:00", "Mnday 9-18"]
)
def test_hours_with_two_meanings_or_none_are_refused(typed: str) -> None:
    """I-03: and not guessed: nine to five may be in the evening."""
    with pytest.raises(ValueError, match=r"“|no day stands"):
        hours.parse(plain("hours", typed))


@pytest.mark.parametrize("typed", ["Asia/Tokyo", "asia/tokyo", "ASIA/TOKYO", "Ａｓｉａ／Ｔｏｋｙｏ", " tokyo ", "JST"])
def test_a_zone_is_found_however_it_is_written(typed: str) -> None:
    """ZI-13, ZA-02: in any case and width, by its city."""
    there = factories.account()
    assert settings.change(there, {"zone": typed}, who="U", refs=REFS, wire=WIRE).settings.zone == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("auto_unanswered", "５分"),
        ("undo_seconds", "４ 秒"),
        ("alert_standard", "１分"),
        ("quiet", "２５時〜３０時"),
        ("ceiling", "十文字"),
        ("zone", "Ｍａｒｓ"),
        ("hours", "月〜土 ９時から"),
    ],
)
def test_what_cannot_be_read_is_quoted_as_it_was_typed(name: str, typed: str) -> None:
    """ZI-13: also where most of it was understood."""
    with pytest.raises(settings.SettingError) as refused:
        settings.change(factories.account(), {name: typed}, who="U", refs=REFS, wire=WIRE)
    assert refused.value.said.values["given"] == f"{name}=“{typed}”"
    about = About(account=factories.account().id, section=part_of(name), seen={name: settings.mark("")})
    assert EDIT.typed(about, {name: typed}) == {name: typed}, "and stays so in the window"
