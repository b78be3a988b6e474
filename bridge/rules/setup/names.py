"""What an account may be called: one rule for the window, the commands and the page where accounts are connected. Pure.

Rule: a name is one account's alone among those of its workspace and network. A Page and its Instagram account often have
one name at Meta, and may keep it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable

from bridge.model.state import Account, Said, Wish
from bridge.settings import subject

TAKEN = Said(key="set_up.name_taken")


def plain(text: str) -> str:
    """A name as it is compared: whatever its case and width, with single spaces and without signs that nobody sees."""
    seen = "".join(each for each in unicodedata.normalize("NFKC", text) if unicodedata.category(each) != "Cf")
    return " ".join(seen.casefold().split())


def handle(account: Account, accounts: Iterable[Account]) -> str:
    """What names an account in a command that can be pasted: its name, or its id where another one is called so, too."""
    wanted = plain(account.name)
    alone = (
        wanted
        and "`" not in account.name
        and all(each.id == account.id or plain(each.name) != wanted for each in accounts)
    )
    return account.name if alone else subject(account)


def clash(accounts: Iterable[Account], account: Account, name: str) -> Said | None:
    """Why an account cannot be called so; None: it can. What it is called already it stays; what was removed has no name."""
    wanted = plain(name)
    if account.wish is not Wish.REMOVED and plain(account.name) == wanted:
        return None
    taken = any(
        (each.workspace, each.platform) == (account.workspace, account.platform)
        and each.remote_id != account.remote_id
        and each.wish is not Wish.REMOVED
        and plain(each.name) == wanted
        for each in accounts
    )
    return TAKEN if taken else None


def still_its_own(accounts: Iterable[Account], account: Account) -> Said | None:
    """Why what was removed cannot come back by its name; None: it can."""
    if clash(accounts, account, account.name) is None:
        return None
    return Said(key="set_up.name_gone", values={"account": account.name})


def told_apart(name: str, network: str, taken: Collection[str], most: int) -> str:
    """A name that is none of those: as it is, with the network behind it, or with a number as well. most: characters of a name."""
    there = {plain(each) for each in taken}
    ends = ["", f" ({network})", *(f" ({network} {number})" for number in range(2, len(there) + 3))]
    names = (f"{name[: most - len(end)].rstrip()}{end}" for end in ends)
    return next(each for each in names if plain(each) not in there)
