"""Workspaces are apart: whatever is asked in the name of another workspace, with a workspace's own ids, finds nothing."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from bridge.model.change import asdict
from bridge.model.decision import Decision
from bridge.model.ids import GroupRef, PostRef, WorkspaceId
from bridge.model.listed import Listed, Which
from bridge.model.state import Known, Person, PersonKind, Platform, Work
from bridge.ports import Needs
from bridge.settings import Audit
from bridge.store import accounts, listings, lists, reading, schema, windows
from bridge.store.closing import SqlClosings
from bridge.store.incidents import SqlIncidents
from bridge.store.posts import record_post
from bridge.store.scenes import SqlScenes
from bridge.store.ticks import SqlTicks
from bridge.store.transaction import Tx
from bridge.store.workspaces import note_in
from tests.store.factories import (
    AKI,
    HOUR,
    NOON,
    PAGE,
    PLACE,
    TEAM,
    House,
    add_person,
    add_workspace,
    applied,
    changed,
    furnish,
    house,
    reply,
    said,
    sending,
    shows,
    threaded,
)

STRANGERS = WorkspaceId("T2")
ROOT, POST, OURS = PostRef("C1:1.0"), PostRef("C1:2.0"), PostRef("C1:3.0")
GROUP = GroupRef("S1")
KEY = "reauth:1"
MEMBER = Person(ref=AKI, kind=PersonKind.MEMBER, name="Aki")

CLASSES = (SqlScenes, SqlTicks, SqlIncidents, SqlClosings)
FUNCTIONS = (lists.listed, windows.asked, listings.audit_rows, accounts.find, reading.accounts_of)
TRUSTED = {"SqlTicks.standing": "its ids are those of accounts that were found by their workspace"}
CHANGES = {"SqlClosings.write": "it writes lines of a scene that was found by its workspace"}
SELDOM = {"SqlScenes.of_aside", "SqlScenes.root_under_way", "SqlClosings.youngest"}
"""What only stands for moments, or is another kind of post; strangers are asked about it all the same."""

GIVEN: dict[str, Any] = {
    "root": ROOT,
    "ref": POST,
    "needs": Needs(people=(AKI,), groups=(GROUP,)),
    "key": KEY,
    "place": PLACE,
    "since": NOON - HOUR,
    "now": NOON,
    "person": AKI,
    "platform": Platform.MESSENGER,
    "remote_id": PAGE,
    "words": "hello",
}
"""A workspace's own ids, by the names under which they are asked about."""


def questions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Everything the store is asked in the name of a workspace."""
    for owner in CLASSES:
        for name, function in vars(owner).items():
            asks = inspect.isfunction(function) and "workspace" in inspect.signature(function).parameters
            if asks and not name.startswith("_") and f"{owner.__name__}.{name}" not in {**TRUSTED, **CHANGES}:
                yield f"{owner.__name__}.{name}", function
    for function in FUNCTIONS:
        yield function.__name__, function


QUESTIONS = dict(questions())


@pytest.fixture
def full(database_url: str) -> Iterator[House]:
    """A workspace in which something stands under every kind of id, and another one that is empty."""
    with house(database_url) as here:
        with here.open() as tx:
            scene = furnish(tx)
            add_workspace(tx, STRANGERS)
            add_person(tx)
            tx.connection.execute(sa.insert(schema.group_member).values(workspace=TEAM, group=GROUP, person=AKI))
            scene = threaded(tx, scene, ROOT)
            heard, answer = said(tx, scene, "hello there"), reply(tx, scene, ref=POST)
            effects = (*sending(scene, answer), shows(scene, heard))
            scene = applied(tx, scene, Decision(messages=(heard, answer), effects=effects))
            scene = changed(tx, scene, work=Work.WAITING, waiting_since=NOON, standard_close=NOON + HOUR, owner=AKI)
            record_post(
                tx.connection, workspace=TEAM, row=1, ref=ROOT, kind="root", at=NOON, conversation=scene.conversation.id
            )
            record_post(
                tx.connection, workspace=TEAM, row=2, ref=OURS, kind="message", at=NOON,
                conversation=scene.conversation.id, message=heard.id,
            )  # fmt: skip
            told = {
                "id": 1,
                "workspace": TEAM,
                "key": KEY,
                "kind": "reauth",
                "place": PLACE,
                "account": 1,
                "values": {},
            }
            tx.connection.execute(sa.insert(schema.incident).values(**told, opened_at=NOON))
            note_in(tx.connection, TEAM, NOON, Audit(who="test", action="x", object="y", before={}, after={}))
        yield here


def ask(tx: Tx, function: Callable[..., Any], workspace: WorkspaceId) -> Any:
    """Ask one question in a workspace's name, with the home workspace's ids."""
    names = inspect.signature(function).parameters
    given = {name: _given(tx, name, function) for name in names if name not in ("self", "conn", "workspace")}
    subject = {"self": _owner(tx, function), "conn": tx.connection}
    fixed = {name: value for name, value in subject.items() if name in names}
    return function(**fixed, workspace=workspace, **{name: value for name, value in given.items() if value is not ...})


def _given(tx: Tx, name: str, function: Callable[..., Any]) -> Any:
    ids = {"id": schema.incident, "message": schema.message}
    if name in ids:
        return tx.connection.execute(sa.select(ids[name].c.id)).scalars().first()
    if name == "ref" and function in (SqlScenes.is_own_post, SqlScenes.message_by_post):
        return OURS
    if name == "which":
        return Which.QUEUE
    if name == "person" and function is lists.listed:
        return MEMBER
    return ... if name in ("limit", "sending", "most", "others") else GIVEN[name]


def _owner(tx: Tx, function: Callable[..., Any]) -> object:
    owner = next((each for each in CLASSES if function in vars(each).values()), None)
    return None if owner is None else owner(tx.connection)


def nothing(answer: Any) -> bool:
    """Whether an answer tells nothing."""
    match answer:
        case Listed():
            return not answer.found
        case Known():
            return not any(asdict(answer).values())
        case _:
            return not answer


def test_strangers_find_nothing_by_anybodys_ids(full: House) -> None:
    """CT-28: each question of the store, with a workspace's own ids; asked at home it does find what stands there."""
    assert {"SqlScenes.of_root", "SqlScenes.message_by_ref", "SqlIncidents.one", "listed", "asked"} <= QUESTIONS.keys()
    with full.open() as tx:
        empty = {name for name, question in QUESTIONS.items() if nothing(ask(tx, question, TEAM))}
        found = {name for name, question in QUESTIONS.items() if not nothing(ask(tx, question, STRANGERS))}
    assert empty <= SELDOM
    assert not found
