"""A language is one file: with a made-up one, 40 % longer than English, everything is said in it, whole and within Slack's limits."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from pydantic import ValidationError

from bridge import wording
from bridge.config import Config
from bridge.demo.slack.blocks import check_message_blocks, check_view
from bridge.meta.render import WIRE_LIMITS
from bridge.model.asked import Asked
from bridge.model.change import replace
from bridge.model.closing import LineState
from bridge.model.effects import Button, PostLine, RedrawCard, TellPerson
from bridge.model.facts import Act
from bridge.model.ids import IncidentId, PersonRef, PostRef, TicketId
from bridge.model.incident import Incident, Member
from bridge.model.listed import Found, Listed, Which
from bridge.model.setup import Beside, SetupSheet
from bridge.model.state import Control, Health, Platform, ReplyState, Said, Wish, Work
from bridge.model.tickets import PostTicket, Step, Ticket
from bridge.rules.desk import incidents
from bridge.rules.desk.days import KIND as DAY
from bridge.rules.desk.digest import KIND as DIGEST
from bridge.rules.desk.many import KIND as MANY
from bridge.slack import alerts, cards, lists, render, soon, tickets
from bridge.slack.blocks import section
from bridge.slack.commands import usage
from bridge.slack.phrase import MOST_TEXT, At, Filling, Link, Place, Words, flat, phrase
from bridge.slack.setup import about as setup_about
from bridge.slack.setup.kinds import Drawing as SetupDrawing
from bridge.slack.setup.kinds import view as setup_view
from bridge.slack.setup.table import WINDOWS as SETUP
from bridge.slack.windows import acts
from bridge.slack.windows.about import About, found, written
from bridge.slack.windows.forms import Read
from bridge.slack.windows.kinds import Drawing, view
from bridge.slack.windows.table import WINDOWS
from bridge.wording import Wording, customers, load, speak
from bridge.wording.pages import PageWording, preferred
from tests.core import factories
from tests.core.factories import answer
from tests.core.test_wording_keys import CAUSES, alert_kinds
from tests.slack import pseudo, test_closing, test_home
from tests.slack.pseudo import BEGINS, CODE, ENDS
from tests.slack.stage import AKI, CONVERSATION, NOON, PLACE, TEAM, WORKSPACE, account, job, scene, wrote

ROOT = PostRef(f"{PLACE}:1763640000.000001")
KEN = PersonRef("U0KEN")
SHOW = RedrawCard(workspace=TEAM, conversation=CONVERSATION)
LONG = "Hanako’s flowers and gifts, Kichijoji, by the park " * 2
NUMBERS = {
    "most",
    "part",
    "parts",
    "file",
    "files",
    "sent",
    "score",
    "rated",
    "asked",
    "seconds",
    "minutes",
    "hours",
    "days",
}


@pytest.fixture(autouse=True, scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The one file is there: nothing else is done for its language."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wording, "FOLDERS", (*wording.FOLDERS, pseudo.written(tmp_path_factory.mktemp("languages"))))
        yield


def whole(text: str) -> bool:
    """Whether each sentence that begins ends, no placeholder is left, and every key has its sentence."""
    text = re.sub(r"<!date\^[^>]*>", "", text)
    return text.count(BEGINS) == text.count(ENDS) > 0 and not re.search(r"\{[a-z]+[:}]|\[[a-z_]+\.", text)


def texts(blocks: Any) -> Iterator[str]:
    """Every text in blocks, at any depth."""
    match blocks:
        case {"text": str() as text}:
            yield text
        case dict():
            yield from (text for each in blocks.values() for text in texts(each))
        case list():
            yield from (text for each in blocks for text in texts(each))
        case _:
            return


def check(text: str, blocks: list[dict[str, Any]]) -> None:
    """That Slack would take a message, and that all of it is there; of long ones the notification holds the beginning."""
    check_message_blocks(blocks)
    assert whole("".join(texts(blocks))), blocks
    assert whole(text) or (text.endswith("…") and len(text) <= MOST_TEXT), text


def test_it_can_be_chosen_by_whoever_chooses() -> None:
    """UX: by the house, by a reader's locale and by a browser; customers are written to in it, too."""
    assert Config(language=CODE.upper()).language == CODE
    with pytest.raises(ValidationError, match=f"none of en, ja, {CODE}"):
        Config(language="tlh")
    assert speak(f"{CODE}-PLOC") == Wording(CODE).language == CODE
    assert preferred(f"xx, {CODE};q=0.9, en;q=0.1", None) == CODE
    assert CODE in customers.languages()
    assert customers.say(CODE, "disclosure", account="Shop").startswith(BEGINS)
    about = About(root=ROOT, language=CODE)
    assert found({"private_metadata": written(about)}) == about


def test_whoever_says_half_of_it_is_not_spoken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with what customers read alone is their language and nobody else's."""
    some = {key: said for key, said in load("en").items() if key.startswith(("customers.", "language.name"))}
    (tmp_path / "xx.json").write_text(json.dumps(some), "utf-8")
    monkeypatch.setattr(wording, "FOLDERS", (*wording.FOLDERS[:1], tmp_path))
    assert "xx" in customers.languages()
    assert speak("xx") == "en"


def test_every_sentence_is_said_whole() -> None:
    """With the longest names, as a line in Slack or on a page; labels of buttons and fields fit. Of weekdays each is a word alone."""
    for key, sentence in load(CODE).items():
        if not key.startswith((wording.NAME, wording.CUSTOMERS, "spelled.weekdays")):
            is_whole(key, sentence)


def is_whole(key: str, sentence: str) -> None:
    values: dict[str, Filling] = {name: Words(text=LONG[:80]) for name in wording.placeholders(sentence)}
    moments = {"when", "since", "until", "deadline", "human", "begins", "ends", "close", "heard", "shown", "exported"}
    values |= {name: At(moment=NOON) for name in moments} | {"link": Link(url="https://x.example/", label="x")}
    values |= {"channel": Place(channel=PLACE)} | dict.fromkeys(NUMBERS, 7)
    values |= {name: 12_345 for _, name, spec, _ in Formatter().parse(sentence) if name and spec}
    if key.startswith("pages."):
        assert whole(PageWording(CODE).say(key.removeprefix("pages."), **dict.fromkeys(values, "x")))
        return
    said = phrase(Wording(CODE), key, values)
    assert flat(said).startswith(BEGINS)
    assert flat(said).endswith(ENDS)
    assert "".join(texts(check_message_blocks([section(said)]))).count(ENDS) == 1
    assert not key.startswith("button.") or len(sentence) <= 75
    assert not re.match(r"window\.act_|language\.", key) or len(sentence) <= 75


def test_every_line_and_private_word_fits() -> None:
    for key in load("en"):
        if key.startswith(("thread.", "reply.", "whats_up.", "work.", "role.")):
            fits_as_a_line(key)


def fits_as_a_line(key: str) -> None:
    at = scene(thread=ROOT)
    line = PostLine(workspace=TEAM, conversation=CONVERSATION, said=Said(key=key))
    check_message_blocks(render.line(job(line, at, language=CODE), line, ROOT)["blocks"])
    buttons = tuple(Button(act=Act.RETRY, label=Said(key=each)) for each in ("button.retry", "button.send_tagged"))
    told = TellPerson(
        workspace=TEAM,
        person=AKI,
        said=Said(key=key),
        about=ROOT,
        root=None,
        at=NOON,
        message=None,
        buttons=buttons[:1],
    )
    for call in (render.private(job(told, at, language=CODE), told), render.direct(job(told, at, language=CODE), told)):
        check_message_blocks(call["blocks"])
        assert whole("".join(texts(call["blocks"])))


STATES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"wish": Wish.PAUSED}, {}),
    ({"wish": Wish.REMOVED}, {}),
    *(({"health": health}, {}) for health in Health),
    ({}, {"control": Control.OTHER, "unsure": 12}),
    ({"platform": Platform.MESSENGER}, {"owner": AKI, "work": Work.SNOOZED, "snoozed_until": NOON}),
    ({}, {"work": Work.CLOSED, "worked_by": AKI, "worked_at": NOON, "outcome": "sold"}),
    ({}, {"work": Work.ANSWERED, "waiting_since": None, "answered_at": NOON, "answered_by": AKI}),
    ({}, {"standard_close": None, "human_close": None, "last_at": NOON}),
]


@pytest.mark.parametrize(("on", "changes"), STATES)
def test_every_card_fits(on: dict[str, Any], changes: dict[str, Any]) -> None:
    named = {"name": LONG[:80], **on, "settings": replace(account().settings, human_agent=True)}
    for kind in (key.partition(".")[2] for key in load("en") if key.startswith("kind.")):
        at = scene(message=wrote(None, kind=kind), on=account(**named), **changes)
        check(*cards.card(job(SHOW, at, language=CODE), at, NOON, block_id="row:1"))
        check(*cards.retired(job(SHOW, at, language=CODE), at, block_id="row:1"))


def incident(kind: str, cause: str, *, over: bool, stage: str = "") -> Incident:
    values: dict[str, Any] = {
        "cause": cause, "code": "x", "channel": PLACE, "count": 3, "app": "App", "source": "Meta", "role": "decide", "ends": NOON.timestamp(),
        "heard": NOON.timestamp(), "exported": NOON.timestamp(), "conversation": 17, "link": ROOT, incidents.TELL: f"{AKI} {KEN}",
        "stage": stage,
    }  # fmt: skip
    return Incident(
        id=IncidentId(9), workspace=TEAM, key="k", kind=kind, place=PLACE, account=account().id, values=values,
        opened_at=NOON, closed_at=NOON if over else None, ref=ROOT,
    )  # fmt: skip


@pytest.mark.parametrize("kind", sorted(alert_kinds()))
@pytest.mark.parametrize("over", [False, True])
def test_every_alert_fits(kind: str, over: bool) -> None:
    """In its channel, below itself and to one person, with every button it may have."""
    for cause in ("", *(each.partition(".")[2] for each in CAUSES if each.partition(".")[0] == kind)):
        alert_fits(kind, cause, over=over)


def alert_fits(kind: str, cause: str, *, over: bool) -> None:
    on = account(name=LONG[:80], settings=replace(account().settings, owners=(AKI, KEN)))
    for stage in ("", *(("week", "expired") if kind == "reauth" else ())):
        told = incident(kind, cause, over=over, stage=stage)
        made = job(SHOW, language=CODE, account=on, waiting=3, incident=told)
        check(*alerts.alert(made, told, block_id="row:1", reconnect="https://bridge.example.com/x"))
        if kind not in (*soon.LISTS, "closing"):
            check(*alerts.stage(made, told, block_id="row:1", reconnect="https://bridge.example.com/x"))
            check(*alerts.directly(made, told, AKI, reconnect="https://bridge.example.com/x"))


FIGURES: dict[str, Any] = {
    "begins": NOON.timestamp(), "ends": NOON.timestamp(), "waiting": 3, "longest": 7_300, "closing": 4, "closing_1": ROOT,
    "closing_1_at": NOON.timestamp(), "lapsed": 2, "others": 4, "messages": 9, "conversations": 4, "answers": 8, "elsewhere": 1,
    "first": 50, "first_most": 5_000, "time": 99_999, "time_most": 900, "asked": 5, "rated": 3, "content": 4.2,
    "agent_1": AKI, "answers_1": 5, "time_1": 80, "lapsed_1": 2, "of": "reauth", "whole": 14, "done": 3, "early": 1,
    "unpinned": "missing_scope", "count": 6,
}  # fmt: skip


@pytest.mark.parametrize("kind", [DAY, DIGEST, MANY, *soon.LISTS])
@pytest.mark.parametrize("over", [False, True])
@pytest.mark.parametrize("empty", [False, True])
def test_every_digest_and_list_of_an_alerts_channel_fits(kind: str, over: bool, empty: bool) -> None:
    figures = {name: FIGURES[name] for name in ("begins", "ends", "of")} if empty else FIGURES
    told = replace(incident(kind, "", over=over), values=figures)
    members = [Member(incident=incident("reauth", "role_lost", over=False), account=account(name=LONG[:80]))] * 7
    listed = () if empty else (scene(thread=ROOT),) * 15
    check(
        *alerts.alert(
            job(SHOW, language=CODE, account=account(), incident=told, members=members, listed=listed),
            told,
            block_id="row:1",
        )
    )


@pytest.mark.parametrize("state", list(LineState))
def test_every_line_of_who_closes_soon_fits(state: LineState) -> None:
    ended: dict[str, Any] = {} if state is LineState.OPEN else {"ended_at": NOON}
    check(*test_closing.drawn(*[test_closing.waiter(state, owner=AKI, **ended)] * 3, more=4, language=CODE))


@pytest.mark.parametrize("which", list(Which))
def test_every_list_fits(which: Which) -> None:
    at = scene(thread=ROOT, message=wrote("Is this in stock?"))
    for listed in (
        Listed(language=CODE, found=(Found(scene=at, message=at.message),) * 10, more=True),
        Listed(language=CODE),
        Listed(language=CODE, yours=False),
    ):
        made = lists.drawn(WORKSPACE, listed, which, "stock", NOON)
        check(made["text"], made["blocks"])


def test_how_to_use_it_is_said_in_one_message() -> None:
    for asked in ("", "setup", "language", "accounts"):
        assert whole(usage(CODE, asked))
        assert len(usage(CODE, asked)) < MOST_TEXT


TALKS = [
    {},
    {"work": Work.CLOSED},
    {"work": Work.SNOOZED, "snoozed_until": factories.NOON, "owner": factories.AKI},
]


@pytest.mark.parametrize("name", sorted(WINDOWS))
@pytest.mark.parametrize("talk", TALKS)
def test_every_window_fits(name: str, talk: dict[str, Any]) -> None:
    """With what each act asks besides."""
    for act in (None, *sorted({offer.act for offer in acts.OFFERS})):
        window_fits(name, act, talk)


def window_fits(name: str, act: str | None, talk: dict[str, Any]) -> None:
    mine = answer("a" * 1701, state=ReplyState.REFUSED, parts=())
    about = factories.scene(mine, conversation=replace(factories.conversation(), **talk))
    asked = Asked(scene=about, language=CODE, first_at=NOON, earlier=(ROOT,), saved=())
    drawing = Drawing(
        asked=asked, about=About(root=ROOT, language=CODE), wording=Wording(CODE), now=factories.NOON, reader=factories.AKI,
        chosen=Read(values={"act": act, "text": "Hello"}, wrong={}), wire=WIRE_LIMITS, groups={"S0123": "Support"},
    )  # fmt: skip
    made = WINDOWS[name].draw(drawing)
    if isinstance(made, Said):
        assert whole(Wording(CODE).say(made.key, **dict.fromkeys(wording.placeholders(load(CODE)[made.key]), 7)))
        return
    drawn = view(WINDOWS[name], made, Wording(CODE))
    check_view(drawn, "modal")
    assert whole("".join(texts(drawn["blocks"])))
    assert drawn["title"]["text"].startswith(BEGINS)


@pytest.mark.parametrize("language_of", [{"admin": True}, {"admin": False}])
@pytest.mark.parametrize("much", [True, False])
def test_every_home_fits(language_of: dict[str, Any], much: bool) -> None:
    """With every account in trouble, and with none connected."""
    of = test_home.sheet(person=test_home.person(language=CODE, **language_of), connected=much)
    if much:
        of = replace(
            of,
            mine=test_home.talks(10, owner=AKI, more=True),
            waiting=test_home.talks(10, more=True),
            closing=test_home.talks(10, more=True),
            managed=tuple(test_home.managed(number, broken=number % 2 == 0) for number in range(1, 11)),
            others=(test_home.trouble(50, None),),
            more=3,
        )
    assert whole("".join(texts(test_home.blocks(of))))


@pytest.mark.parametrize("work", list(Work))
def test_every_ticket_fits(work: Work) -> None:
    """Where it stands, and on its card."""
    ticket = Ticket(
        id=TicketId(3),
        conversation=CONVERSATION,
        since=NOON,
        at=NOON,
        by=AKI,
        step=Step.MADE,
        status="open",
        status_at=NOON,
    )
    at = replace(scene(thread=ROOT, message=wrote("Hi"), work=work, answered_at=NOON), tickets=(ticket,))
    effect = PostTicket(workspace=TEAM, conversation=CONVERSATION, ticket=ticket.id, place=PLACE)
    made = tickets.post(job(effect, at, language=CODE), at, effect)
    check(made["text"], made["blocks"])
    check(*cards.card(job(SHOW, at, language=CODE), at, NOON, block_id="row:1"))


@pytest.mark.parametrize("name", sorted(SETUP))
@pytest.mark.parametrize("wish", list(Wish))
def test_every_window_that_sets_up_fits(name: str, wish: Wish) -> None:
    """With the longest name and large figures; or why it is not opened."""
    beside = Beside(open=1_234, waiting=56, missed=789, removed_at=NOON)
    on = account(name=LONG[:80], wish=wish)
    about = setup_about.About(account=on.id, language=CODE)
    asked = SetupSheet(
        workspace=WORKSPACE, account=on, others=(), beside=beside, known=scene().known, language=CODE,
    )  # fmt: skip
    drawing = SetupDrawing(sheet=asked, about=about, wording=Wording(CODE), now=NOON)
    made = SETUP[name].draw(drawing)
    if isinstance(made, Said):
        assert whole(flat(render.said(job(SHOW, language=CODE), made)))
        return
    drawn = setup_view(SETUP[name], made, Wording(CODE))
    check_view(drawn, "modal")
    assert whole("".join(texts(drawn["blocks"])))
    assert setup_about.found(drawn) == made.about
