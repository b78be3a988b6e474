"""``/bridge hours`` as it is typed: which account, which hours, which zone; what is not understood is answered so."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.model.change import replace
from bridge.slack.phrase import Json
from bridge.slack.setup import timetable
from bridge.slack.setup.room import Room, Want
from bridge.slack.setup.words import WORDS
from bridge.wording import LANGUAGES
from tests.slack.test_setup_words import SHOP, STUDIO, account, room

FRIDAY = account(3, "Friday Sun")


def typed(text: str, *, language: str = "en", asker: str | None = None, **settings: Any) -> Json | Want:
    """What `/bridge hours` and a text are answered, where the first of two accounts has these settings."""
    shop = replace(SHOP, settings=replace(SHOP.settings, **settings))
    there: Room = replace(room([shop, STUDIO], word="hours", language=language), zone=asker)
    answer = WORDS["hours"](replace(there, asked=replace(there.asked, rest=text)))
    assert isinstance(answer, dict | Want)
    return answer


@pytest.mark.parametrize(
    ("text", "name", "given"),
    [
        ("Shop Hanako Mon-Fri 09:00-18:00 Asia/Tokyo", "Shop Hanako", "Mon-Fri 09:00-18:00 Asia/Tokyo"),
        ("studio monday to friday 9am-6pm", "studio", "monday to friday 9am-6pm"),
        ("shop weekdays 9-18", "shop", "weekdays 9-18"),
        ("日本支店 月〜金 9:00〜18:00", "日本支店", "月〜金 9:00〜18:00"),
        ("Shop 平日9時-18時 Asia/Tokyo", "Shop", "平日9時-18時 Asia/Tokyo"),
        ("土日 10:00-14:00", "", "土日 10:00-14:00"),
        ("Shop いつでも", "Shop", "いつでも"),
        ("Friday Sun Mon-Thu 9-18", "Friday Sun", "Mon-Thu 9-18"),
        ("studio 25:00-26:00", "studio", "25:00-26:00"),
        ("stuido 25:00-26:00", "stuido", "25:00-26:00"),
        ("shop hanako Asia/Tokyo", "shop hanako", "Asia/Tokyo"),
        ("月光 日本支店", "月光 日本支店", ""),
        ("Sunrise Cafe", "Sunrise Cafe", ""),
    ],
)
def test_hours_stand_behind_the_name_even_if_that_has_days_in_it(text: str, name: str, given: str) -> None:
    """I-03"""
    assert timetable.split(text, [SHOP, STUDIO, FRIDAY]) == (name, given)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("shop Mon-Fri 09:00-18:00 Asia/Tokyo", {"hours": "Mon-Fri 09:00-18:00", "zone": "Asia/Tokyo"}),
        ("shop 平日9時-18時 日本時間", {"hours": "平日9時-18時", "zone": "Asia/Tokyo"}),
        ("shop Mon-Fri 9am-6pm berlin", {"hours": "Mon-Fri 9am-6pm", "zone": "Europe/Berlin"}),
        ("shop UTC", {"zone": "UTC"}),
        ("shop always", {"hours": "always"}),
    ],
)
def test_a_zone_is_the_one_that_is_typed(text: str, values: dict[str, str]) -> None:
    """I-03: by its name, or by a city's that only one has."""
    want = typed(text, asker="America/Lima")
    assert isinstance(want, Want)
    assert want.values == values


@pytest.mark.parametrize(
    ("settings", "asker", "zone"),
    [
        ({}, "Asia/Tokyo", "Asia/Tokyo"),
        ({"zone": "Europe/Berlin"}, "Asia/Tokyo", None),
        ({"hours": "Sat 10:00-14:00"}, "Asia/Tokyo", None),
        ({}, None, None),
    ],
)
def test_hours_without_a_zone_count_in_the_accounts_own_else_the_askers(
    settings: dict[str, Any], asker: str | None, zone: str | None
) -> None:
    """I-03: nobody who types their own hours means Greenwich's; what somebody has set stays."""
    want = typed("shop 月-金 9時-18時", asker=asker, **settings)
    assert isinstance(want, Want)
    assert want.values.get("zone") == zone


def test_hours_count_in_the_zone_that_the_other_accounts_share_where_the_askers_is_not_known() -> None:
    """I-03"""
    want = typed("studio Mon-Fri 9-18", asker=timetable.known_zone("Mars"), zone="Asia/Tokyo")
    assert isinstance(want, Want)
    assert want.values == {"hours": "Mon-Fri 9-18", "zone": "Asia/Tokyo"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("shop Mon-Fri 25:00-26:00", "25:00-26:00"),
        ("shop 25:00-26:00", "25:00-26:00"),
        ("shop Mon-Fri 9-5", "9-5"),
        ("shop Mon to Fro 9-18", "fro"),
        ("shop Mon-Fri 09:00-18:00 Mars/Base", "Mars/Base"),
        ("25:00-26:00", "25:00-26:00"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_cannot_be_read_as_hours_is_named_with_an_example_that_works(text: str, why: str, language: str) -> None:
    """I-03: scraps stand in quotes; nothing looks as if it were done."""
    answer = typed(text, language=language)
    assert isinstance(answer, dict)
    before, after = {"en": ("“", "”"), "ja": ("「", "」")}[language]
    assert before in answer["text"]
    assert f"{why}{after}" in answer["text"]
    example = answer["text"].partition("`/bridge hours ")[2].partition("`")[0]
    want = typed(example, language=language)
    assert isinstance(want, Want)
    assert want.account is not None
    assert want.account.id == SHOP.id
    assert want.values["zone"] == "Asia/Tokyo"


@pytest.mark.parametrize("text", ["hanako Mon-Fri 9-18", "stuido Mon-Fri 9-18", "Mon-Fri 9-18"])
def test_a_name_that_is_not_one_accounts_gets_the_same_command_with_one_that_is(text: str) -> None:
    """I-03: by its id where several are called so, else by the nearest name, or any."""
    answer = typed(text)
    assert isinstance(answer, dict)
    example = answer["text"].partition("`/bridge hours ")[2].partition("`")[0]
    assert example.endswith(" Mon-Fri 9-18")
    assert isinstance(typed(example), Want)


def test_a_name_alone_shows_that_accounts_hours() -> None:
    """I-03: in the reader's words."""
    answer = typed("shop", language="ja", hours="Mon-Fri 09:00-18:00", zone="Asia/Tokyo")
    assert isinstance(answer, dict)
    assert "`月-金 09:00-18:00` Asia/Tokyo" in answer["text"]
    assert "Studio" not in answer["text"]
