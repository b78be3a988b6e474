"""What ``/bridge`` answers, as natives of both languages read it: lists, words of their own, and what is wrong with tickets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bridge.model.change import replace
from bridge.model.ids import PersonRef, PlaceRef
from bridge.model.setup import Change
from bridge.model.sheet import Managed, Sheet
from bridge.model.state import AccountSettings, Said, Wish
from bridge.slack.home import drawn
from bridge.slack.phrase import flat, words_of
from bridge.slack.probe import ChannelState
from bridge.slack.setup import checked, people, spoken, worded
from bridge.slack.setup.room import Want
from bridge.slack.setup.words import WORDS, understood
from bridge.wording import LANGUAGES, Wording
from tests.slack.stage import NOON, PLACE, WORKSPACE
from tests.slack.test_setup_words import SHOP, STUDIO, room


@pytest.mark.parametrize(
    ("text", "word", "rest"),
    [
        ("ヘルプ", "help", ""),
        ("担当者　追加 <@U0KEN>", "agents", "追加 <@U0KEN>"),
        ("ｱｶｳﾝﾄ", "accounts", ""),
        ("アカウント studio", "account", "studio"),
        ("アカウント studio 確認", "check", "studio"),
        ("言語 日本語", "language", "日本語"),
        ("accounts studio", "account", "studio"),
    ],
)
def test_japanese_words_are_understood_where_they_mean_one_thing(text: str, word: str, rest: str) -> None:
    """I-03"""
    read = understood(spoken.read(WORKSPACE, {"text": text}), [SHOP, STUDIO])
    assert (read.word, read.rest) == (word, rest)


def test_japanese_verbs_are_understood() -> None:
    """I-03, ZM-17"""
    for verb, meant in {
        "一時停止": "pause",
        "解除": "remove",
        "削除": "remove",
        "変更": "edit",
        "チェック": "check",
    }.items():
        assert spoken.with_verb(f"studio {verb}", [SHOP, STUDIO]) == ("studio", meant)
    assert spoken.nearest("アカウンt") == "アカウント"
    added, everyone = people.read("追加 <@U0KEN> studio"), people.read("全員 studio")
    assert (added.change, added.people, added.account) == (Change.ADD, ("U0KEN",), "studio")
    assert (everyone.everyone, everyone.account) == (True, "studio")


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [("日本語", "ja"), ("英語", "en"), ("japanese", "ja"), ("english", "en"), ("ja", "ja"), ("xx", "xx")],
)
def test_a_language_may_be_named_in_itself_or_in_another(typed: str, wanted: str) -> None:
    """I-03"""
    there = room([SHOP], word="language")
    want = WORDS["language"](replace(there, asked=replace(there.asked, rest=typed)))
    assert isinstance(want, Want)
    assert want.values == {"language": wanted}


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Shop Hanako, Hanako Studio"), ("ja", "Shop Hanako、Hanako Studio")]
)
def test_lists_stand_there_as_their_readers_write_them(language: str, said: str) -> None:
    """I-03: whether an answer makes them or the rules do, which have no language."""
    there = room([SHOP, STUDIO], language=language)
    assert flat(there.called([SHOP, STUDIO])) == said
    assert words_of("accounts", "Shop Hanako, Hanako Studio", Wording(language)).text == said
    assert words_of("account", "Shop, Hanako", Wording(language)).text == "Shop, Hanako"


@pytest.mark.parametrize(
    ("settings", "signed", "key"),
    [
        ({"ticket_timer": timedelta(hours=1)}, False, "command.check_timer"),
        ({"ticket_sink": "mailto:a@example.com"}, False, "command.check_no_mail"),
        ({"ticket_sink": "https://tickets.example.com/x"}, False, "command.check_unsigned"),
        ({"ticket_sink": "https://tickets.example.com/x"}, True, None),
        ({"ticket_sink": "slack:C0TICKETS"}, False, None),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_tickets_that_get_nowhere_are_told_by_check_and_on_the_page(
    language: str, settings: dict[str, Any], signed: bool, key: str | None
) -> None:
    """ZI-04: what `threadbridge check` tells; also that their channel is one that the bridge is not in."""
    kept: AccountSettings = replace(SHOP.settings, **settings)
    managed = Managed(account=replace(SHOP, settings=kept), signed=signed)
    there = replace(room([managed.account], word="check", language=language), mail=False)
    there = replace(there, survey=replace(there.survey, managed=(managed,)))
    reader = replace(there.person, language=language)
    sheet = Sheet(workspace=WORKSPACE, person=reader, connected=True, managed=(managed,))
    told, page = checked.drawn(there, [managed])["text"], str(drawn(sheet, None, NOON, mail=False))
    one = WORDS["account"](replace(there, asked=replace(there.asked, word="account")))
    assert isinstance(one, dict)
    for each in ("command.check_timer", "command.check_no_mail", "command.check_unsigned"):
        said = Wording(language).say(each)
        assert [said in told, said in page, said in one["text"]] == [each == key] * 3
    states = {PlaceRef("C0TICKETS"): ChannelState(member=False, archived=False, outside=False, writable=True)}
    out = "C0TICKETS" in checked.drawn(replace(there, states=states), [managed])["text"]
    assert out is (settings.get("ticket_sink") == "slack:C0TICKETS")


def test_a_channel_is_asked_to_invite_the_bridge_only_where_it_is_not() -> None:
    """ZI-24"""
    there = room([SHOP], word="channel")
    elsewhere = replace(there, asked=replace(there.asked, place=PlaceRef("C0NEW")))

    def answer(*, member: bool) -> str:
        state = ChannelState(member=member, archived=False, outside=False, writable=True)
        said = WORDS["channel"](replace(elsewhere, states={PlaceRef("C0NEW"): state}))
        assert isinstance(said, dict)
        return str(said["text"])

    assert "/invite" in answer(member=False)
    assert "/invite" not in answer(member=True)


def test_saved_replies_are_none_for_who_may_answer_nothing_and_they_read_whom_to_ask() -> None:
    """ZI-10"""
    owned = replace(SHOP, settings=replace(SHOP.settings, owners=(PersonRef("U0KEN"),), agents=(PersonRef("U0KEN"),)))
    said = WORDS["replies"](room([owned], word="replies", admin=False))
    assert isinstance(said, dict)
    assert "You may answer none" in said["text"]
    assert "<@U0KEN> can name you" in said["text"]
    none = WORDS["replies"](room([], word="replies", admin=False))
    assert isinstance(none, dict)
    assert "No account is connected" in none["text"]


def test_where_everything_was_removed_it_is_said_how_it_comes_back() -> None:
    """ZI-30: by every word that would tell of accounts."""
    gone = replace(SHOP, wish=Wish.REMOVED)
    there = room([])
    there = replace(there, survey=replace(there.survey, removed=(gone,), removed_at={gone.id: NOON}))
    for word in ("account", "accounts", "agents", "check", "hours", "setup"):
        said = WORDS[word](replace(there, asked=replace(there.asked, word=word)))
        assert isinstance(said, dict)
        assert "can be taken back until" in said["text"], word
        assert "One of them" not in said["text"], word
        assert "setup:restore" in str(said["blocks"]), word


def test_owners_are_never_everyone() -> None:
    """ZM-03: what was typed cannot be, and the opposite of it is not done."""
    there = room([SHOP], word="owners")
    said = WORDS["owners"](replace(there, asked=replace(there.asked, rest="everyone", place=PLACE)))
    assert isinstance(said, dict)
    assert "one by one" in said["text"]


def test_a_language_is_called_as_its_reader_calls_it() -> None:
    """I-03: whoever reads Japanese reads that it speaks 英語 now."""
    for reader, said in {"ja": "英語", "en": "English"}.items():
        done = worded.humane(Said(key="set_up.language", values={"language": "en"}), Wording(reader))
        assert done.values == {"language": said}
