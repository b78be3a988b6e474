"""``/bridge audit``: people and channels as Slack shows them, who did what without Slack, and whose conversation it was."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bridge.demo.slack.blocks import check_message_blocks
from bridge.model.change import replace
from bridge.model.ids import PostRef
from bridge.model.survey import Change
from bridge.slack.setup.audited import ACTIONS, audit
from bridge.slack.setup.room import Room
from bridge.slack.setup.worded import LABELS, called
from bridge.wording import LANGUAGES, Wording
from tests.slack.stage import NOON
from tests.slack.test_setup_words import SHOP, room

TALK = "conversation:2"


def told(change: Change, language: str = "en") -> str:
    """What an admin reads of one change."""
    return str(audit(replace(room([SHOP], word="audit", language=language), changes=(change,)))["text"])


def change(
    action: str = "account.set",
    subject: str = f"{SHOP.platform}:{SHOP.remote_id}",
    *,
    who: str = "U0AKI",
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    customer: str | None = None,
    thread: PostRef | None = None,
) -> Change:
    """A line of the audit."""
    return Change(
        at=NOON, who=who, action=action, subject=subject, before=before or {}, after=after or {}, customer=customer, thread=thread
    )  # fmt: skip


@pytest.mark.parametrize(
    ("who", "shown"),
    [
        ("U0AKI", " <@U0AKI> ·"),
        ("cli:root", " in the terminal (root) ·"),
        ("cli", " in the terminal ·"),
        ("slack:U0AKI", " whoever installed the bridge (<@U0AKI>) ·"),
        ("timer", " the bridge, by itself ·"),
        ("link", " whoever was given the link ·"),
    ],
)
def test_who_it_was_is_said_as_people_know_them(who: str, shown: str) -> None:
    """I-03"""
    assert shown in told(change(who=who))


def test_people_groups_and_channels_stand_there_as_such() -> None:
    """I-03: of long lists the first."""
    line = told(
        change(
            before={"agents": ["U0GINA", "S0TEAM"], "channel": "C0SUPPORT", "zone": "UTC"},
            after={"agents": [], "channel": "C0OTHER", "zone": "Asia/Tokyo"},
        )
    )
    assert "Agents: <@U0GINA>, <!subteam^S0TEAM> → every full member" in line
    assert "Channel: <#C0SUPPORT> → <#C0OTHER>" in line
    assert "Time zone: UTC → Asia/Tokyo" in line
    many = told(change(before={"agents": []}, after={"agents": [f"U0{each}" for each in range(29)]}))
    assert many.count("<@U0") == 21
    assert "…" in many
    words = told(change(before={"hours": ""}, after={"auto_away_text": "w" * 999, "zone": "z" * 999}))
    assert max(len(each) for each in words.split()) == 83  # with a quotation mark, and a dot for the rest


def test_whose_conversation_it_was_and_who_has_it_now_is_said() -> None:
    """ZI-24: with the way there, where its thread stands."""
    line = told(
        change(
            "conversation.assign",
            TALK,
            after={"owner": "U0KEN"},
            customer="Yuki *Tanaka*",
            thread=PostRef("C0SUPPORT:1700000000.000100"),
        )
    )
    assert "gave the conversation with Yuki" in line
    assert "to <@U0KEN>" in line
    assert "/archives/C0SUPPORT/p1700000000000100|Open>" in line
    assert "to <!subteam^S0TEAM>" in told(change("conversation.assign", TALK, after={"owner": "S0TEAM"}))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_nothing_is_said_in_the_audits_own_words(action: str, language: str) -> None:
    """I-03: whatever was done, and also of a customer who was erased."""
    kind = action.partition(".")[0]
    subjects = {"conversation": TALK, "message": "message:3", "saved_reply": "saved_reply:4", "installation": "T0DEMO"}
    line = told(change(action, subjects[kind]) if kind in subjects else change(action), language)
    assert action not in line
    assert not any(each in line for each in subjects.values())
    if kind in ("conversation", "message"):
        assert Wording(language).say("audit.somebody") in line


def test_what_customers_see_of_an_account_is_told_by_its_parts() -> None:
    """I-03: of their words nothing but counts is kept, which say nothing here."""
    line = told(change("account.profile", after={"greeting": 120, "menu": 3}))
    assert "changed what customers see of Shop Hanako · the greeting · the menu" in line
    assert "120" not in line


def test_a_language_is_told_by_its_name() -> None:
    """I-03"""
    line = told(change("workspace.language", "workspace:T0TEAM", before={"language": "en"}, after={"language": "ja"}))
    assert "English → 日本語" in line


EVERY_SETTING = dict.fromkeys(LABELS, "x" * 70)


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_that_was_different_is_named_as_far_as_a_message_has_room(language: str) -> None:
    """I-03: of one change all of it; of many as much as Slack takes, and how much more there is."""
    wording = Wording(language)
    saved = change(before=dict.fromkeys(EVERY_SETTING, "y" * 70), after=EVERY_SETTING)
    some = replace(room([SHOP], word="audit", language=language), changes=(saved,))
    lines = shown(some)
    assert len([each for each in lines if each.startswith("• ")]) == len(EVERY_SETTING)
    assert [each for each in lines if called("disclosure", wording) in each]
    several = shown(replace(some, changes=(saved,) * 20))
    assert several.count(f"• {wording.say('audit.more', count=len(EVERY_SETTING) - 2)}") == 20


def shown(some: Room) -> list[str]:
    """The lines of an answer that Slack takes as it is."""
    answer = audit(some)
    check_message_blocks(answer["blocks"])
    lines = "\n".join(str(each["text"]["text"]) for each in answer["blocks"] if each["type"] == "section").split("\n")
    assert sum(map(len, lines)) < 12_000
    return lines


@pytest.mark.parametrize(
    ("language", "words"), [("en", "everybody answers: confirmed"), ("ja", "全員が返信する設定のままであることを確認")]
)
def test_that_everybody_shall_answer_is_told_as_what_was_decided(language: str, words: str) -> None:
    """ZI-25: where nobody was named before, nothing is different."""
    line = told(change(after={"agents": []}), language)
    assert words in line
    assert "→" not in line


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_setting_has_a_name_that_means_something_without_its_neighbours(language: str) -> None:
    """ZI-13: where it stands alone; in the window its label may be short."""
    wording = Wording(language)
    names = [called(each, wording) for each in LABELS]
    assert len(set(names)) == len(names)
    if language == "en":
        assert not [each for each in names if each.startswith(("That ", "To ", "The ", "Whether "))]
