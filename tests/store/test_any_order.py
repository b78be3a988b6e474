"""Whatever order messages, edits, reactions, unsends and reads come in: the same rows, the same thread, no unsent word."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.meta import envelope
from bridge.model.outcomes import RawItem
from bridge.store import schema
from bridge.store.engine import parse as address_of
from bridge.store.engine import write_engine
from tests.store.factories import NOON, PAGE, add_account, add_workspace
from tests.store.little_desk import LittleDesk, meet

CUSTOMER = "9000001"
SIGNS = ("❤️", "😢")


@dataclass(frozen=True, kw_only=True)
class Happening:
    """One thing that the customer does; *at*: seconds after noon, each its own."""

    what: str
    message: int
    at: int
    number: int = 0
    emoji: str | None = None


@dataclass(frozen=True, kw_only=True)
class Play:
    """What happens, in what order it is heard (some of it twice), and what the loops do in between."""

    happenings: tuple[Happening, ...]
    heard: tuple[int, ...]
    steps: tuple[str, ...]


@st.composite
def plays(draw: st.DrawFn) -> Play:
    """Three messages, the later answering the first, and changes of them, all with their message among what happens."""
    found = [Happening(what="message", message=number, at=10 * number) for number in range(3)]
    clock = itertools.count(100)
    for number in range(3):
        versions = itertools.count(1)
        for what in draw(st.lists(st.sampled_from(["edit", *SIGNS, None]), max_size=5)):
            if what == "edit":
                found.append(Happening(what="edit", message=number, at=next(clock), number=next(versions)))
            else:
                found.append(Happening(what="reaction", message=number, at=next(clock), emoji=what))
    unsent = draw(st.sets(st.integers(0, 2)))
    found += [Happening(what="unsend", message=number, at=next(clock)) for number in unsent]
    found.append(Happening(what="read", message=0, at=next(clock)))
    again = draw(st.lists(st.integers(0, len(found) - 1), max_size=4))
    heard = draw(st.permutations([*range(len(found)), *again]))
    steps = draw(st.lists(st.sampled_from(["take", "end", "lose", "find", "wait"]), max_size=40))
    return Play(happenings=tuple(found), heard=tuple(heard), steps=tuple(steps))


def word(happening: Happening) -> str:
    """The words of a message or an edit, which stand nowhere else."""
    return f"word-m{happening.message}v{happening.number}"


def item(happening: Happening) -> RawItem:
    """What the network delivers."""
    mid = f"mid{happening.message}"
    match happening.what:
        case "message":
            said: dict[str, Any] = {"mid": mid, "text": word(happening)}
            if happening.message:
                said["reply_to"] = {"mid": "mid0"}
            what: dict[str, Any] = {"message": said}
        case "edit":
            what = {"message_edit": {"mid": mid, "text": word(happening), "num_edit": happening.number}}
        case "reaction":
            put = {"action": "react", "emoji": happening.emoji} if happening.emoji else {"action": "unreact"}
            what = {"reaction": {"mid": mid, **put}}
        case "unsend":
            what = {"message": {"mid": mid, "is_deleted": True}}
        case _:
            what = {"read": {"watermark": 1}}
    at = NOON + timedelta(seconds=happening.at)
    whose = {"sender": {"id": CUSTOMER}, "recipient": {"id": PAGE}, "timestamp": int(at.timestamp() * 1000)}
    body = json.dumps({"object": "page", "entry": [{"id": PAGE, "messaging": [whose | what]}]}).encode()
    (raw,) = envelope.split(body, NOON)
    return raw


def step(desk: LittleDesk, what: str) -> None:
    """One step of the loops, if there is one to take."""
    match what:
        case "take":
            desk.take()
        case "end" | "lose" if desk.hand:
            desk.end(0, lose=what == "lose")
        case "find" if desk.lost:
            desk.find()
        case "wait":
            desk.pass_time()
        case _:
            pass


def outcome(desk: LittleDesk) -> dict[str, Any]:
    """What is true in the end, and what stands, without the numbers that differ from database to database."""
    with desk.engine.connect() as conn:
        talk = conn.execute(schema.conversation.select()).mappings().one()
        rows = conn.execute(schema.message.select()).mappings().all()
    names = ("text", "kind", "at", "edits", "edited_at", "about", "unsent_at", "found_later")
    messages = {row["remote_id"]: {name: row[name] for name in names} for row in rows}
    shown = next((row["remote_id"] for row in rows if row["id"] == talk["preview"]), None)
    left_out = ("id", "customer", "preview", "thread", "card", "told_until", "heard_at", "heard_from")
    state = {name: value for name, value in talk.items() if name not in left_out}
    drawn = sorted(call["text"] for call in desk.posts.values())
    card = [call["text"] for call in desk.cards.values()]
    return {"messages": messages, "preview": shown, "state": state, "posts": drawn, "card": card}


def everything(engine: sa.Engine) -> Iterator[str]:
    """Every value in every table."""
    with engine.connect() as conn:
        for table in schema.metadata.sorted_tables:
            for row in conn.execute(sa.select(sa.literal_column("*")).select_from(table)).mappings():
                for value in row.values():
                    yield value.decode() if isinstance(value, bytes) else str(value)


def played(desk: LittleDesk, happenings: Sequence[Happening], steps: Sequence[str]) -> dict[str, Any]:
    """Hear all of it with the steps spread in between, go on to the end, and tell what is true."""
    meet(desk, CUSTOMER)
    share = len(steps) / max(1, len(happenings))
    for number, happening in enumerate(happenings):
        desk.hear(item(happening))
        for what in steps[int(number * share) : int((number + 1) * share)]:
            step(desk, what)
    desk.settle()
    unsent = {each.message for each in happenings if each.what == "unsend"}
    in_vain = {f"mid{each.message}" for each in happenings if item(each).key in desk.in_vain}
    assert_reactions_stand_below(desk, in_vain)
    kept = [*everything(desk.engine), json.dumps([*desk.posts.values(), *desk.cards.values()])]
    for each in happenings:
        if each.message in unsent and each.what in ("message", "edit"):
            assert not any(word(each) in value for value in kept)
    return outcome(desk)


def assert_reactions_stand_below(desk: LittleDesk, in_vain: set[str]) -> None:
    """Each reaction's line stands below the message that it is about, unless it waited for that in vain."""
    of_posts = schema.message.join(schema.message_post, schema.message_post.c.message == schema.message.c.id).join(
        schema.post, schema.post.c.id == schema.message_post.c.post
    )
    with desk.engine.connect() as conn:
        standing = sa.select(schema.message, schema.post.c.ref.label("post")).select_from(of_posts)
        rows = conn.execute(standing).mappings().all()
    where = {row["remote_id"]: desk.stood.index(row["post"]) for row in rows}
    for row in rows:
        if row["kind"] == "reaction" and row["about"] in where and row["about"] not in in_vain:
            assert where[row["remote_id"]] > where[row["about"]], row["about"]


@contextmanager
def little_desk(template: Path) -> Iterator[LittleDesk]:
    """A desk on a database of its own."""
    with TemporaryDirectory() as folder:
        engine = write_engine(address_of(f"sqlite:///{shutil.copy(template, Path(folder) / 'bridge.db')}"))
        desk = LittleDesk(engine=engine)
        with engine.begin() as conn:
            tx = desk.tx(conn)
            add_workspace(tx)
            add_account(tx)
        try:
            yield desk
        finally:
            engine.dispose()


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(play=plays())
def test_any_order_gives_the_same_rows_and_the_same_thread(tables: Path, play: Play) -> None:
    """M-17, promises 3 and 6: heard in any order, twice, while posts are under way or lost, it ends as if in order."""
    in_order = sorted(play.happenings, key=lambda each: each.at)
    with little_desk(tables) as desk:
        straight = played(desk, in_order, ())
    with little_desk(tables) as desk:
        shuffled = played(desk, [play.happenings[each] for each in play.heard], play.steps)
    assert shuffled == straight
