"""Which conversations an operator means: by account, state or customer, or one by its id."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Connection

from bridge.cli.answers import CommandError
from bridge.cli.base import AccountName, Bench, find_account
from bridge.model.change import replace
from bridge.model.ids import ConversationId
from bridge.model.state import Window, Work
from bridge.model.word import Word
from bridge.store import conversations as stored

WORKS = tuple(work.value for work in Work)
WINDOWS = tuple(window.value for window in Window)


class Which(Word, kw_only=True):
    """Which conversations are meant; what is None does not matter."""

    account: AccountName | None = None
    state: str | None = None
    customer: str | None = None
    limit: int | None = None

    @property
    def chooses(self) -> bool:
        """Whether it leaves any conversation out but by their number."""
        return any(each is not None for each in (self.account, self.state, self.customer))

    def find(self, conn: Connection, bench: Bench) -> list[dict[str, Any]]:
        """Those conversations, without words."""
        account = None if self.account is None else find_account(conn, self.account).id
        return stored.listed(
            conn,
            bench.clock.now(),
            account=account,
            work=Work(self.state) if self.state in WORKS else None,
            window=Window(self.state) if self.state in WINDOWS else None,
            customer=self.customer,
            limit=self.limit,
        )


def conversation_meant(conn: Connection, bench: Bench, text: str, which: Which) -> ConversationId:
    """The conversation that is meant by its own id or by its customer's; CommandError when none or several are."""
    theirs = replace(which, limit=None, customer=text).find(conn, bench)
    found = [ConversationId(row["id"]) for row in theirs]
    if not found and text.isascii() and text.isdigit() and len(text) < 19:
        own = ConversationId(int(text))
        found = [own] if stored.shown(conn, own, bench.clock.now()) is not None else []
    if not found:
        raise CommandError(f"there is no such conversation ({text}): `threadbridge conversations list` shows all")
    if len(found) > 1:
        ids = ", ".join(map(str, found))
        raise CommandError(f"{text} is the customer of several conversations ({ids}): name one, or say --account")
    return found[0]
