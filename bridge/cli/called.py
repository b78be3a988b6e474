"""What an operator calls an account: no other of its network in the workspace has that name."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from bridge.model.state import Account
from bridge.rules.setup import names
from bridge.settings import SettingError
from bridge.store.reading import accounts_of


def check_name(conn: Connection, account: Account, name: str) -> None:
    """SettingError where another account has the name that this one is to have."""
    why = names.clash(accounts_of(conn, account.workspace), account, name)
    if why is not None:
        raise SettingError(why, setting="name")
