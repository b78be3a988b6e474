"""What was set up from the desk becomes rows, by the same hand as an operator's commands."""

from __future__ import annotations

from typing import assert_never

import sqlalchemy as sa

from bridge.model.setup import IconChange, KeyChange, LanguageChange, SettingsChange, Setup, WishChange
from bridge.model.state import Account, Wish
from bridge.rules.desk.incidents import edited
from bridge.settings import Audit, Changed, subject
from bridge.store import accounts, incidents, tickets, workspaces
from bridge.store.hand import Hand
from bridge.store.house import icon as icon_table
from bridge.store.schema import account as account_table
from bridge.store.schema import workspace
from bridge.tickets import SECRET


def apply(hand: Hand, setup: Setup) -> None:
    """Make it so."""
    for change in setup.changes:
        match change:
            case SettingsChange(account=account):
                line = Audit(
                    who=setup.who,
                    action="account.set",
                    object=subject(account),
                    before=change.before,
                    after=change.after,
                )
                accounts.change_settings(hand, account, Changed(name=change.name, settings=change.settings, audit=line))
            case WishChange(account=account, wish=Wish.ON) if account.wish is Wish.REMOVED:
                accounts.restore(hand, account)
            case WishChange():
                accounts.set_wish(hand, change.account, change.wish)
            case IconChange(account=account, icon=icon):
                _picture(hand, account, icon)
            case KeyChange():
                _sign(hand, change)
            case LanguageChange():
                _speak(hand, change)
            case _:
                assert_never(change)


def _picture(hand: Hand, account: Account, icon: str | None) -> None:
    """Let an account's posts bear this picture, or none; others of it are forgotten."""
    own = icon_table.c.account == account.id
    hand.conn.execute(sa.delete(icon_table).where(own if icon is None else sa.and_(own, icon_table.c.id != icon)))
    hand.conn.execute(sa.update(account_table).where(account_table.c.id == account.id).values(icon=icon))
    before, after = {"icon": account.icon is not None}, {"icon": icon is not None}
    line = Audit(who=hand.who, action="account.icon", object=subject(account), before=before, after=after)
    accounts.audit(hand, account, line)


def _sign(hand: Hand, change: KeyChange) -> None:
    """Keep the key, and that there is one; nothing of it."""
    tickets.seal(hand.conn, change.account.id, change.sealed)
    tickets.go_again(hand, change.account.id)
    before, after = ({SECRET: "set"}, {SECRET: "replaced"}) if change.before else ({}, {SECRET: "set"})
    line = Audit(who=hand.who, action="account.set", object=subject(change.account), before=before, after=after)
    accounts.audit(hand, change.account, line)


def _speak(hand: Hand, change: LanguageChange) -> None:
    values = {"language": change.language, "language_by": hand.who}
    hand.conn.execute(sa.update(workspace).where(workspace.c.id == change.workspace).values(**values))
    line = Audit(
        who=hand.who,
        action="workspace.language",
        object=change.workspace,
        before={"language": change.before},
        after={"language": change.language},
    )
    workspaces.note_in(hand.conn, change.workspace, hand.moment.now, line)
    # What is over stays as it was read.
    steady = hand.moment.steady
    anew = tuple(edited(each, steady) for each in incidents.told_in(hand.conn, change.workspace))
    hand.tx.effects.add(anew, steady)
