"""What is internal never goes, in whatever order it is written, changed, asked about, stopped and pressed: every short way."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from itertools import product
from typing import Literal

import pytest

from bridge import prefixes, threads
from bridge.model.change import replace
from bridge.model.decision import Decision, Scene
from bridge.model.effects import SendToCustomer
from bridge.model.facts import Act, AgentWrote
from bridge.model.state import Message, ReplyState, Said
from bridge.rules.answers.ways import STOPPED, sendable
from tests.core.factories import AKI, HOUR, NOON, SECOND, account, answer, at, edited, press, reply, scene, wrote

SHOP = account()
Mode = Literal["all", "explicit", "undo"]
MODES: tuple[Mode, ...] = ("all", "explicit", "undo")
WORDS = ("open", "reply: open", "// inner", "reply: // inner")
PRESSES = (Act.SEND, Act.KEEP_INSIDE, Act.STOP, Act.SEND_TO_CUSTOMER, Act.RETRY, Act.SEND_AGAIN)
STEPS: tuple[Mode | str | Act, ...] = (*MODES, *WORDS, *PRESSES)


@dataclass
class Oracle:
    """What people meant, kept beside the rules and much simpler than they are."""

    mode: Mode
    meant: bool = False
    inside: bool = False
    note: bool = False

    def typed(self, text: str, *, anew: bool) -> None:
        """New words: what is inside comes out by the mark alone, and a note never."""
        marked = self.mode != "explicit" or text.startswith("reply:")
        self.note = self.note or "inner" in text
        if anew or not self.inside:
            self.inside = self.note or not marked
            self.lacks = not marked
        elif self.lacks and self.mode == "explicit":
            self.inside = self.note or not marked
        self.meant = not self.inside

    def pressed(self, act: Act, before: ReplyState | None) -> None:
        """A person's word: inside, or to the customer after all."""
        if (act, before) in ((Act.STOP, ReplyState.WAITING), (Act.KEEP_INSIDE, ReplyState.ASKING)):
            self.inside, self.meant, self.lacks = True, False, False
        if act is Act.SEND_TO_CUSTOMER and self.inside and not self.note:
            self.inside, self.meant = False, True

    lacks: bool = False


def after(place: Scene, decision: Decision) -> Scene:
    """The scene as it is kept."""
    changed = place if decision.conversation is None else replace(place, conversation=decision.conversation)
    return replace(changed, message=decision.messages[0]) if decision.messages else changed


def going(decision: Decision) -> bool:
    """Whether it sends anything."""
    return any(isinstance(each.effect, SendToCustomer) for each in decision.effects)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("first", WORDS)
def test_in_every_order_of_what_people_do_only_what_was_meant_goes(mode: Mode, first: str) -> None:
    """CT-08: every two steps after the first words, and many of five: changes of words and of the way of answering, and every button."""
    chance = random.Random(f"{mode} {first}")
    longer = [tuple(chance.choices(STEPS, k=5)) for _ in range(60)]
    for steps in (*product(STEPS, repeat=2), *longer):
        oracle, moment = Oracle(mode=mode), HOUR
        settings = replace(SHOP.settings, answer_mode=mode)
        place = scene(account=replace(SHOP, settings=settings))
        fact = replace(wrote(first), note=prefixes.is_note(first))
        oracle.typed(first, anew=True)
        decision = threads.decide(place, fact, at(moment))
        assert going(decision) <= oracle.meant, (mode, first)
        place = after(place, decision)
        for step in steps:
            moment += SECOND
            if isinstance(step, Act):
                oracle.pressed(step, None if place.message is None else place.message.state)
                decision = threads.decide(place, replace(press(step), at=NOON + moment), at(moment))
            elif step in MODES:
                oracle.mode = step
                place = replace(place, account=replace(SHOP, settings=replace(SHOP.settings, answer_mode=step)))
                continue
            else:
                oracle.typed(step, anew=False)
                change = replace(edited(step, note=prefixes.is_note(step)), at=NOON + moment)
                decision = threads.decide(place, change, at(moment))
            assert going(decision) <= oracle.meant, (mode, first, *steps, step)
            place = after(place, decision)
            assert place.message is not None
            waits = place.message.state is ReplyState.WAITING
            assert waits <= oracle.meant, (mode, first, *steps, step)
            assert not (waits and "inner" in (place.message.text or ""))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "how",
    [
        {"automatic": True},
        {"automatic": True, "note": True},
        {"mentions_bridge": True},
        {"shared": True},
        {"note": True},
        {"mentions": True},
        {"leads_inside": True},
        {"foreign": True},
    ],
)
def test_what_is_not_for_the_customer_in_any_way_of_answering(mode: Mode, how: dict[str, bool]) -> None:
    """CT-08, ZI-25: inside, refused or asked about, and never on its way, with or without the mark."""
    settings = replace(SHOP.settings, answer_mode=mode)
    place = scene(account=replace(SHOP, settings=settings))
    for text in ("inner", "reply: inner"):
        decision = threads.decide(place, replace(wrote(text), **how), at(HOUR))  # type: ignore[arg-type]
        assert not going(decision)
        assert reply(decision).state in (ReplyState.NOTE, ReplyState.ASKING, ReplyState.REFUSED)


@cache
def unseen() -> tuple[str, ...]:
    """Every character that nobody sees, and every space."""
    ranges = (range(0x20000), range(0xE0000, 0xE0200))
    codes = (code for each in ranges for code in each)
    return tuple(chr(code) for code in codes if chr(code).isspace() or (code > 0x7F and not_seen(code)))


def not_seen(code: int) -> bool:
    """By Unicode's own word: formats, fillers and selectors of variants."""
    fillers = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0, *range(0xFE00, 0xFE10), *range(0x180B, 0x1810)}
    graphic = {0x110BD, 0x110CD, 0x08E2, *range(0x0890, 0x0892), *range(0x13430, 0x13460), *range(0x1BCA0, 0x1BCA4)}
    drawn = graphic | set(range(0x1D173, 0x1D17B))
    return code in fillers or (unicodedata.category(chr(code)) == "Cf" and code not in drawn)


@pytest.mark.parametrize("sign", ["// ", "／／", "note:", "ＮＯＴＥ：", "メモ：", "ﾒﾓ:", "🔒"])
def test_nothing_that_nobody_sees_makes_a_note_an_answer(sign: str) -> None:
    """ZI-25: spaces, fillers, marks of direction, selectors, one or several, before the sign of a note."""
    for character in unseen():
        for before in (character, f" {character}{character} ", f"> {character}"):
            assert prefixes.is_note(f"{before}{sign} inner"), f"U+{ord(character):04X}"
    assert prefixes.is_note(f"1. {sign} inner")
    assert prefixes.is_note(f"• {sign} inner")
    assert not prefixes.is_note(f"In 2026. {sign}")


def test_a_note_is_sent_by_no_button_whatever_it_was_kept_inside_for() -> None:
    """CT-08: changed into a note while it was inside for another reason."""
    kept = answer("for you", state=ReplyState.NOTE, parts=(), reason=STOPPED)
    assert sendable(SHOP.settings, kept)
    noted = reply(threads.decide(scene(kept), edited("// inner", note=True), at(2 * HOUR)))
    assert not sendable(SHOP.settings, noted)
    assert not sendable(SHOP.settings, replace(kept, text="／／ inner")), "nor where only the words tell"


@pytest.mark.parametrize(
    ("message", "words", "sent"),
    [
        (answer("old"), "// inner", False),
        (answer("old"), "new", True),
        (answer("same"), "same", False),
        (answer("old", state=ReplyState.ASKING, parts=(), reason=Said(key="reply.question_note")), "// inner", False),
        (answer("old", state=ReplyState.REFUSED), "// inner", False),
    ],
)
def test_what_was_changed_while_nobody_listened_counts_when_the_thread_is_read_again(
    message: Message, words: str, sent: bool
) -> None:
    """CT-15: the event of the change was lost; the words found in the thread are the last ones."""
    found: AgentWrote = replace(
        wrote(words), note=prefixes.is_note(words), found_late=True, changed_at=NOON + HOUR + 30 * SECOND
    )
    decision = threads.decide(scene(message), found, at(HOUR + timedelta(minutes=1)))
    assert going(decision) is sent
    if words.startswith("//"):
        assert reply(decision).state is ReplyState.NOTE
        assert decision.withdrawn == (message.id,)
    assert reply(decision).person == AKI if decision.messages else decision.ignored == "same words"
    again = threads.decide(after(scene(message), decision), found, at(HOUR + timedelta(minutes=2)))
    assert not again.effects, "read again it says nothing new"
