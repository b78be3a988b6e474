"""A Page's comment, its change and its end, in whatever order they come: the same rows, the same thread, no word that is gone."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bridge.meta import envelope
from bridge.model.outcomes import RawItem
from bridge.store import schema
from tests.store.factories import NOON, PAGE, SETTINGS
from tests.store.little_desk import LittleDesk, meet
from tests.store.test_any_order import CUSTOMER, everything, little_desk, outcome, step

WORDS = {"add": "word-first", "edit1": "word-second", "edit2": "word-third", "remove": None}
ORDER = tuple(WORDS)


def item(name: str) -> RawItem:
    """What the network delivers; each a minute after the one before."""
    verb = {"edit1": "edited", "edit2": "edited"}.get(name, name)
    value: dict[str, Any] = {
        "item": "comment",
        "verb": verb,
        "comment_id": "2_3",
        "post_id": f"{PAGE}_2",
        "parent_id": f"{PAGE}_2",
        "from": {"id": CUSTOMER, "name": "Yuki"},
        "created_time": int(NOON.timestamp()),
    }
    value |= {"message": WORDS[name]} if WORDS[name] else {}
    told = int(NOON.timestamp()) + 60 * ORDER.index(name)
    entry = {"id": PAGE, "time": told, "changes": [{"field": "feed", "value": value}]}
    (raw,) = envelope.split(json.dumps({"object": "page", "entry": [entry]}).encode(), NOON)
    return raw


def played(desk: LittleDesk, heard: tuple[str, ...], between: str) -> dict[str, Any]:
    """Hear them, with one step of the loops after each, and tell what is true in the end."""
    with desk.engine.begin() as conn:
        conn.execute(sa.update(schema.account).values(settings={**SETTINGS, "comments": True}))
    meet(desk, CUSTOMER)
    for name in heard:
        desk.hear(item(name))
        step(desk, between)
    desk.settle()
    kept = [*everything(desk.engine), json.dumps([*desk.posts.values(), *desk.cards.values()])]
    words = [word for word in WORDS.values() if word]
    left = {word for word in words if any(word in value for value in kept if "feed" not in value)}
    if "remove" in heard:
        assert [(heard, value) for word in words for value in kept if word in value] == []
    else:
        newest = max(heard, key=ORDER.index)
        assert left == {WORDS[newest]}
    return outcome(desk)


@pytest.mark.parametrize(
    ("what", "between"),
    [(ORDER, "none"), (ORDER[:3], "take"), (("add", "edit1", "remove"), "none"), (("add", "edit1", "remove"), "take")],
)
def test_any_order_of_a_comment_and_its_changes_ends_alike(tables: Path, what: tuple[str, ...], between: str) -> None:
    """M-05, M-17: told in any order, the newest words stand; what was deleted stands nowhere, and cannot be answered."""
    ends = []
    for heard in itertools.permutations(what):
        with little_desk(tables) as desk:
            ends.append(played(desk, heard, between))
    assert ends == [ends[0]] * len(ends)
    assert bool(ends[0]["state"]["comments"]) == ("remove" not in what)
