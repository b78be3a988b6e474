"""What the world outside tells: facts as they are, kept in the inbox under numbers that lead back to them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import count

from bridge.model.facts import AgentWrote, Fact
from bridge.model.ids import WorkspaceId
from bridge.model.outcomes import RawItem
from bridge.model.state import Known, Workspace
from bridge.ports import Needs

DESK, NETWORK = "desk", "network"
"""The two sources."""


class Heard:
    """A `bridge.ports.Parser` that reads what it was told before: a body holds no more than a number."""

    def __init__(self) -> None:
        self._facts: dict[int, Fact] = {}
        self._numbers = count(1)

    def item(
        self,
        source: str,
        lane: str,
        fact: Fact,
        at: datetime,
        *,
        workspace: WorkspaceId | None = None,
        about: str | None = None,
        applied: bool = False,
    ) -> RawItem:
        """Put a fact into an item of its own."""
        number = next(self._numbers)
        self._facts[number] = fact
        return RawItem(
            key=f"{source}:{number}", source=source, lane=lane, at=at, body=str(number).encode(),
            workspace=workspace, about=about, applied=applied,
        )  # fmt: skip

    def needs(self, body: bytes) -> Needs:
        """Who wrote something."""
        fact = self._facts.get(int(body))
        return Needs(people=(fact.person,)) if isinstance(fact, AgentWrote) and fact.person else Needs()

    def read(self, item: RawItem, known: Known, workspace: Workspace | None) -> Fact:
        """What was told."""
        return self._facts[int(item.body)]


Telling = Callable[[RawItem], None]
