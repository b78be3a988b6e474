"""What is typed after ``/bridge``, read; and answers about many accounts, which fit into one message whatever there is."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any

import pytest

from bridge.demo.slack.blocks import check_message_blocks
from bridge.model.change import replace
from bridge.model.ids import AccountId, IncidentId, PersonRef, PlaceRef, WorkspaceId
from bridge.model.incident import Incident
from bridge.model.outcomes import RawItem
from bridge.model.setup import Change
from bridge.model.sheet import Managed, Trouble
from bridge.model.state import Account, Health, Person, PersonKind, Wish
from bridge.model.survey import Survey
from bridge.slack.setup import checked, door, guide, people, spoken
from bridge.slack.setup.accounts import listing
from bridge.slack.setup.door import SetupDoor
from bridge.slack.setup.room import Room, Want, saying
from bridge.slack.setup.spoken import Command
from bridge.slack.setup.words import WORDS, understood
from bridge.wording import LANGUAGES, Wording
from tests.clock import MovableClock
from tests.core import factories
from tests.slack.stage import AKI, NOON, PLACE, WORKSPACE, Nothing, SlowClock, no_probe, nobody


def account(number: int, name: str, **changes: Any) -> Account:
    """One of several."""
    made = factories.account()
    return replace(made, id=AccountId(number), remote_id=f"1048{number:08}", name=name, **changes)


SHOP, STUDIO = account(1, "Shop Hanako"), account(2, "Hanako Studio")


def room(accounts: list[Account], *, word: str = "accounts", language: str = "en", admin: bool = True) -> Room:
    """What an answer is drawn from."""
    asked = Command(workspace=WORKSPACE, person=AKI, place=PLACE, word=word, rest="")
    return Room(
        asked=asked,
        person=Person(ref=AKI, kind=PersonKind.MEMBER, name="Aki", admin=admin),
        survey=Survey(workspace=WORKSPACE, managed=tuple(Managed(account=each) for each in accounts)),
        wording=Wording(language),
        now=NOON,
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Shop Hanako", SHOP),
        ("  shop　hanako ", SHOP),
        ("“Hanako Studio”", STUDIO),
        ("studio", STUDIO),
        ("ＳＨＯＰ", SHOP),
        (f"{SHOP.platform.value}:{SHOP.remote_id}", SHOP),
        (STUDIO.remote_id, STUDIO),
        ("hanako", (SHOP, STUDIO)),
        ("Shop Hanoko", ("near", SHOP)),
        ("xyz", ()),
    ],
)
def test_an_account_is_found_by_its_name_a_part_of_it_or_its_id(text: str, found: object) -> None:
    """I-03: whatever case or width it is typed in; several are told apart, and the nearest is offered."""
    meant = spoken.which(text, [SHOP, STUDIO])
    told: object = meant.account or meant.several
    assert (("near", meant.near[0]) if meant.near else told) == found


@pytest.mark.parametrize("text", ["accounts shop", "  ＡＣＣＯＵＮＴＳ　shop ", "ａｃｃｏｕｎｔｓ shop"])
def test_a_word_may_be_typed_in_full_width(text: str) -> None:
    """I-03: as a Japanese keyboard writes it."""
    read = spoken.read(WORKSPACE, {"text": text})
    assert (read.word, read.rest) == ("accounts", "shop")
    assert spoken.read(WORKSPACE, {"text": " "}).word == "setup"


def test_a_step_says_whose_settings_its_button_opens_where_there_are_several() -> None:
    """I-03"""
    several, alone = (str(guide.drawn(room(some, word="setup"))) for some in ([SHOP, STUDIO], [SHOP]))
    assert "Edit Shop Hanako" in several
    assert "Edit Shop Hanako" not in alone


@pytest.mark.parametrize(
    ("text", "word", "rest"),
    [
        ("", "", ""),
        ("ＡＣＣＯＵＮＴｓ", "accounts", ""),
        ("ａｃｃｏｕｎｔ　Shop　Hanako ｐａｕｓｅ", "account", "Shop Hanako pause"),
        ("Hours  shop  Ｍｏｎ－Ｆｒｉ ０９：００-18:00", "hours", "shop Mon-Fri 09:00-18:00"),
        ("find ＡＢＣ", "find", "ＡＢＣ"),
        ("agents add ＜!channel＞", "agents", "add ＜!channel＞"),
    ],
)
def test_letters_as_wide_as_kana_are_understood(text: str, word: str, rest: str) -> None:
    """I-03: what a Japanese keyboard types by a slip; what customers wrote is looked for as it was typed."""
    assert spoken.words(text) == (word, rest)


def test_who_only_wants_to_read_or_to_connect_is_told_who_may_do_that() -> None:
    """ZI-10: nothing was to be changed, so nothing is said of a change."""
    owned = replace(SHOP, settings=replace(SHOP.settings, owners=(PersonRef("U0KEN"),)))
    for language in LANGUAGES:
        for word in ("connect", "audit"):
            for account_ in (SHOP, owned):
                answer = WORDS[word](room([account_], word=word, language=language, admin=False))
                assert isinstance(answer, dict)
                assert not answer["text"].startswith(Wording(language).say("role.set_up_admins")[:6])
                assert ("<@U0KEN>" in answer["text"]) is (account_ is owned)


def test_whoever_may_not_know_what_is_set_up_reads_whom_to_ask() -> None:
    """ZI-10, ZM-03: the accounts' owners, else the workspace's admins."""
    plain, ken, aki = room([SHOP, STUDIO]), PersonRef("U0KEN"), PersonRef("U0AKI")
    owned = room([SHOP, replace(STUDIO, settings=replace(STUDIO.settings, owners=(ken,)))])
    admins = replace(plain, survey=replace(plain.survey, admins=(aki,)))
    asked = [saying(*each.not_theirs())["text"] for each in (plain, owned, admins)]
    assert [each.count("<@") for each in asked] == [0, 1, 1]
    assert asked[1].endswith("Ask <@U0KEN>.")
    assert asked[2].endswith("Ask <@U0AKI>.")


def test_what_is_to_be_done_stands_before_or_after_the_name() -> None:
    there = [SHOP, account(3, "Check")]
    assert spoken.with_verb("Shop Hanako pause", there) == ("Shop Hanako", "pause")
    assert spoken.with_verb("remove Shop Hanako", there) == ("Shop Hanako", "remove")
    assert spoken.with_verb("check", there) == ("check", None), "an account is called so"
    assert spoken.with_verb("check check", there) == ("check", "check")


@pytest.mark.parametrize(
    ("text", "change", "who", "name"),
    [
        ("add <@U0KEN|ken> <!subteam^S0TEAM|@team> Shop Hanako", Change.ADD, "U0KEN,S0TEAM", "Shop Hanako"),
        ("remove <@U0KEN> from Shop", Change.DROP, "U0KEN", "Shop"),
        ("add U0123ABC to Shop", Change.ADD, "U0123ABC", "Shop"),
        ("add <@U0KEN>, <@U0AKI>", Change.ADD, "U0KEN,U0AKI", ""),
        ("list Shop", None, "", "Shop"),
        ("Shop", None, "", "Shop"),
        ("", None, "", ""),
    ],
)
def test_people_are_read_as_slack_escapes_them(text: str, change: Change | None, who: str, name: str) -> None:
    """ZM-17: a mention, a user group, or an id; the rest names the account."""
    read = people.read(text)
    assert (read.change, read.refs, read.account) == (change, who, name)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("count", [1, 16, 45, 150])
@pytest.mark.parametrize("word", ["accounts", "agents", "audit", "channel", "check", "hours", "setup"])
def test_every_account_is_told_of_in_one_message_however_many_there_are(language: str, count: int, word: str) -> None:
    """I-03: within 50 blocks and what Slack takes of text; also where something is wrong with every second one."""
    many = [
        account(each, f"Shop {each:03}", health=Health.READY if each % 2 else Health.NEEDS_REAUTHENTICATION, cause=None if each % 2 else "password_changed", wish=Wish.ON if each % 3 else Wish.PAUSED)
        for each in range(1, count + 1)
    ]  # fmt: skip
    answer = WORDS[word](room(many, word=word, language=language))
    assert isinstance(answer, dict)
    check_message_blocks(answer["blocks"])
    assert len(answer["text"]) <= 4_000
    if word in ("accounts", "agents", "check", "hours"):
        assert all(each.name in str(answer["blocks"]) for each in many)


def test_who_may_not_change_anything_sees_no_button_that_does() -> None:
    """ZI-10, ZM-03."""
    for some in (listing(room([SHOP], admin=False)), guide.drawn(room([SHOP], word="setup", admin=False))):
        assert not {"setup:edit", "setup:pause", "setup:remove"} & {
            each.get("action_id") for block in some["blocks"] for each in [*block.get("elements", ()), block.get("accessory", {})]
        }  # fmt: skip
    assert checked.drawn(room([SHOP], word="check", admin=False), [Managed(account=SHOP)])["blocks"]


def test_an_account_that_cannot_send_keeps_the_guide_from_saying_that_all_is_done() -> None:
    """ZI-05: why, in the words of its alert; everything else may be done already."""
    heard = room([SHOP], word="setup")
    heard = replace(heard, survey=replace(heard.survey, heard=frozenset({SHOP.id})))
    assert "Everything is set up" in guide.drawn(heard)["text"]
    ended = replace(SHOP, health=Health.NEEDS_REAUTHENTICATION, cause="password_changed")
    said = guide.drawn(replace(heard, survey=replace(heard.survey, managed=(Managed(account=ended),))))["text"]
    assert "Everything is set up" not in said
    assert "password" in said


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("account stuido pause", "account Hanako Studio pause"),
        ("account studio pauze", "account Hanako Studio pause"),
        ("account pasue stuido", "account Hanako Studio pause"),
        ("account studio 一時停子", "account Hanako Studio 一時停止"),
        ("account hanako", f"account {SHOP.platform.value}:{SHOP.remote_id}"),
        ("account hanako edit", f"account {STUDIO.platform.value}:{STUDIO.remote_id} edit"),
        ("check stuido", "check Hanako Studio"),
        ("channel her Studio", "channel here Studio"),
        ("channel studio", "channel here Hanako Studio"),
        ("channel alert Studio", "channel alerts Studio"),
        ("channel here stuido", "channel here Hanako Studio"),
        ("channel this that", "channel here Shop Hanako"),
        ("agents ad <@U0KEN|ken> Studio", "agents add U0KEN Studio"),
        ("agents <@U0KEN> Studio", "agents add U0KEN Studio"),
        ("agents add <!subteam^S0TEAM1|@team> stuido", "agents add S0TEAM1 Hanako Studio"),
        ("leads everyon studio", "leads everyone studio"),
        ("owners remove <@U0KEN>", "owners remove U0KEN Shop Hanako"),
        ("agents everyone", "agents everyone Shop Hanako"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_slip_behind_the_first_word_gets_the_nearest_command_and_all_that_stood_in_it(
    text: str, meant: str, language: str
) -> None:
    """I-03: ready to be pasted; nothing is changed, and nothing looks as if it were."""
    there = room([SHOP, STUDIO], language=language)

    def answered(text: str) -> object:
        asked = spoken.read(WORKSPACE, {"text": text, "user_id": AKI, "channel_id": "C0OTHER"})
        asked = understood(asked, [SHOP, STUDIO])
        return WORDS[asked.word](replace(there, asked=asked))

    answer = answered(text)
    assert isinstance(answer, dict)
    assert f"`/bridge {meant}`" in answer["text"]
    again = answered(meant)
    assert not isinstance(again, dict) or f"`/bridge {meant}`" not in again["text"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("word", ["setup", "agents", "leads", "owners", "hours", "channel"])
def test_the_commands_that_answers_name_work_as_they_stand(word: str, language: str) -> None:
    """I-03: each names one of several accounts, two of which are called the same; whom to name is still to be chosen."""
    there = room([SHOP, STUDIO, account(3, "Shop Hanako")], word=word, language=language)
    there = replace(there, asked=replace(there.asked, place=PlaceRef("C0OTHER")))
    answer = WORDS[word](there)
    assert isinstance(answer, dict)
    typed = re.findall(r"`/bridge ((?:agents|leads|owners|hours|channel) [^`]+)`", answer["text"])
    assert typed
    for each in typed:
        text = re.sub("@name|@名前", "<@U0KEN>", each)
        first, rest = spoken.words(text)
        named = replace(there, asked=replace(there.asked, word=first, rest=rest))
        assert isinstance(WORDS[first](named), Want), each


def test_without_an_account_it_is_said_how_there_comes_to_be_one() -> None:
    """I-03: and not that none is called so."""
    for text in ("hours shop always", "agents add <@U0KEN> shop", "channel here shop", "check shop"):
        asked = spoken.read(WORKSPACE, {"text": text, "user_id": AKI, "channel_id": "C0OTHER"})
        answer = WORDS[asked.word](replace(room([]), asked=asked))
        assert isinstance(answer, dict)
        assert "`/bridge connect`" in answer["text"]


def test_which_account_is_asked_with_a_command_that_can_be_pasted() -> None:
    """I-03: people stand in it by their ids, which are read as well as their mentions."""
    asked = Command(workspace=WORKSPACE, person=AKI, place=PLACE, word="agents", rest="add <@U0KEN|ken>")
    answer = WORDS["agents"](replace(room([SHOP, STUDIO], word="agents"), asked=asked))
    assert isinstance(answer, dict)
    assert "`/bridge agents add U0KEN Shop Hanako`" in answer["text"]


def test_a_channel_is_taken_only_where_conversations_can_appear() -> None:
    """ZI-24: a direct message is no channel; elsewhere it is asked of Slack first."""
    typed = room([SHOP], word="channel")
    there = replace(typed, asked=replace(typed.asked, rest="here Shop", place=PlaceRef("C0OTHER")))
    want = WORDS["channel"](there)
    assert isinstance(want, Want)
    assert (want.values, want.places) == ({"channel": "C0OTHER"}, (PlaceRef("C0OTHER"),))
    direct = replace(typed, asked=replace(typed.asked, rest="here Shop", place=PlaceRef("D0AKI")))
    assert isinstance(WORDS["channel"](direct), dict)


class Slow:
    """A store that knows who asks and takes for ever to tell, or to keep, anything else."""

    def __init__(self, *, reads: bool) -> None:
        self.reads = reads

    async def person(self, workspace: WorkspaceId, person: PersonRef) -> Person:
        """An admin."""
        return Person(ref=person, kind=PersonKind.MEMBER, name="Aki", admin=True)

    async def survey(self, workspace: WorkspaceId) -> Survey:
        """One account, where reading is not what takes so long."""
        if not self.reads:
            await asyncio.Event().wait()
        return Survey(workspace=WORKSPACE, managed=(Managed(account=SHOP),))

    changes, replies = Nothing.changes, Nothing.replies

    async def keep(self, items: Sequence[RawItem]) -> int:
        """Never."""
        await asyncio.Event().wait()
        return len(items)


@pytest.mark.parametrize(
    ("reads", "words", "told"),
    [
        (False, "accounts", "looked up in time"),
        (False, "check", "looked up"),
        (True, "agents everyone", "not certain"),
    ],
)
async def test_a_slow_database_is_answered_in_time(
    monkeypatch: pytest.MonkeyPatch, reads: bool, words: str, told: str
) -> None:
    """I-03: Slack waits for three seconds; whoever asked reads what is certain, and nothing is said to be changed."""
    assert door.WITHIN + door.KEPT_WITHIN < 3
    monkeypatch.setattr(door, "WITHIN", 0.05)
    monkeypatch.setattr(door, "KEPT_WITHIN", 0.05)
    slow, clock = Slow(reads=reads), MovableClock(NOON)
    at = SetupDoor(
        store=slow, reader=slow, clock=SlowClock(source=clock, shown=clock.now()), client_for=nobody, probe_for=no_probe
    )
    body = {"text": words, "user_id": AKI, "channel_id": PLACE, "trigger_id": "1"}
    answer = await at.command(spoken.read(WORKSPACE, body))
    assert answer is not None
    assert told in answer["text"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("word", "fine"), [("setup", "begin.done"), ("check", "command.check_all")])
def test_where_no_worker_is_alive_nothing_is_called_in_order(word: str, fine: str, language: str) -> None:
    """I-03: what keeps everything still is said in place of it."""
    say, at = Wording(language).say, room([SHOP], word=word, language=language)
    at = replace(at, ops=True, survey=replace(at.survey, heard=frozenset({SHOP.id})))
    shown = {still: str(_drawn(replace(at, survey=replace(at.survey, no_worker=still)))) for still in (False, True)}
    good, bad = say(fine, count=1), say("command.check_no_worker")
    assert {still: (good in each, bad in each) for still, each in shown.items()} == {
        False: (True, False),
        True: (False, True),
    }


def _drawn(at: Room) -> str:
    shown = guide.drawn(at) if at.asked.word == "setup" else checked.drawn(at, at.survey.managed)
    return str(shown["text"])


def test_that_others_go_on_is_not_said_beside_that_none_works() -> None:
    """I-03: what was told while a worker was left is untrue when the last one is gone."""
    told = Incident(
        id=IncidentId(1), workspace=WORKSPACE.id, key="worker_stopped:worker", kind="worker_stopped",
        place=PLACE, account=None, values={"role": "worker"}, opened_at=NOON,
    )  # fmt: skip
    at = room([SHOP, STUDIO], word="check")
    shown = [
        _drawn(replace(at, survey=replace(at.survey, others=(Trouble(incident=told),), no_worker=still)))
        for still in (False, True)
    ]
    assert ["The others go on" in each for each in shown] == [True, False]
    steps = _drawn(replace(room([SHOP], word="setup"), survey=replace(room([SHOP]).survey, no_worker=True)))
    assert "No worker of the bridge is alive" in steps
    assert "👉" in steps
