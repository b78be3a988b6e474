"""Which accounts Meta has told anything of lately."""

from __future__ import annotations

from collections.abc import Iterable

from bridge.meta.envelope import PLATFORMS, SOURCE
from bridge.model.state import Platform


class Heard:
    """In memory, until a sign of life writes it down."""

    def __init__(self) -> None:
        self._accounts: set[tuple[str, str]] = set()

    def note(self, lanes: Iterable[str]) -> None:
        """Something was told in these lanes of the inbox (`bridge.meta.envelope.raw_item`)."""
        for lane in lanes:
            source, *rest = lane.removeprefix("echo:").split(":", 3)
            if source == SOURCE and len(rest) > 1:
                self._accounts.add((rest[0], rest[1]))

    def take(self) -> frozenset[tuple[Platform, str]]:
        """Hand out the accounts, each with Meta's id of it; they are forgotten here."""
        taken, self._accounts = self._accounts, set()
        return frozenset((PLATFORMS[name], account) for name, account in taken if name in PLATFORMS)
