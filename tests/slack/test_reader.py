"""In which language somebody reads what they asked of the slash command."""

from __future__ import annotations

import pytest

from bridge.clock import SystemClock
from bridge.model.change import replace
from bridge.model.ids import PersonRef, WorkspaceId
from bridge.model.listed import Listed, Which
from bridge.model.state import Account, Person, PersonKind
from bridge.slack.lists import Lists
from bridge.wording import Wording
from tests.slack.stage import AKI, WORKSPACE, nobody


class Knows:
    """A store that knows in what language everybody reads Slack."""

    def __init__(self, language: str | None) -> None:
        self._language = language

    async def person(self, workspace: WorkspaceId, person: PersonRef) -> Person | None:
        """Somebody."""
        return Person(ref=person, kind=PersonKind.MEMBER, name="Aki", language=self._language, admin=False)

    async def accounts(self, workspace: WorkspaceId) -> tuple[Account, ...]:
        """None."""
        return ()

    async def listed(self, workspace: WorkspaceId, person: Person, which: Which, words: str, now: object) -> Listed:
        """Nothing."""
        return Listed(language=self._language or "ja")


@pytest.mark.parametrize(("theirs", "read"), [("en", "en"), ("ja", "ja"), (None, "ja")])
async def test_help_and_lists_come_in_one_language(theirs: str | None, read: str) -> None:
    """ZI-25: the reader's own, and the workspace's where that is not known."""
    lists = Lists(reader=Knows(theirs), client_for=nobody, clock=SystemClock())
    workspace = replace(WORKSPACE, language="ja")
    assert await lists.language(workspace, AKI) == read
    asked = await lists.answer(workspace, AKI, Which.FIND, " ")
    none = await lists.answer(workspace, AKI, Which.QUEUE, "")
    assert asked["text"] == Wording(read).say("list.find_what")
    assert none["text"] == Wording(read).say("list.queue_none")
