"""What customers read of who answers: an alias that an account gives, else the first word of somebody's own name. Pure.

Colleagues read people's own names everywhere; nothing here is for them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping

from bridge.model.account import AccountSettings
from bridge.model.ids import PersonRef
from bridge.model.state import Person, Said
from bridge.unread import Unread

MOST = 40
"""Characters of an alias."""
MOST_PEOPLE = 200
"""Aliases of one account."""
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Kinds of characters that nobody sees, or that turn what stands around them."""
JOINERS = frozenset("\u200c\u200d")
"""Unseen, and needed all the same: between letters of some scripts, and in emoji."""

Aliases = tuple[tuple[PersonRef, str], ...]


def read(text: str, person: Callable[[str], PersonRef | None]) -> Aliases:
    """Read ``U1:Aki,U2:Hana``; Unread: what is wrong with it.

    person: how the desk reads what an operator types; None for what is nobody.
    """
    found: dict[PersonRef, str] = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        who, sign, alias = item.partition(":")
        ref = person(who.strip())
        if ref is None or not sign:
            raise Unread(Said(key="setting.no_aliases"))
        if ref in found:
            raise Unread(Said(key="setting.alias_twice", values={"whose": ref}))
        found[ref] = _checked(alias.strip())
    if len(found) > MOST_PEOPLE:
        raise Unread(Said(key="setting.many_aliases", values={"count": len(found), "most": MOST_PEOPLE}))
    return tuple(found.items())


def _checked(alias: str) -> str:
    if not 1 <= len(alias) <= MOST:
        raise Unread(Said(key="setting.alias_length", values={"count": len(alias), "most": MOST}))
    if any(unicodedata.category(each) in UNSEEN and each not in JOINERS for each in alias):
        raise Unread(Said(key="setting.alias_unseen"))
    return " ".join(alias.split())


def kept(values: list[list[str]]) -> Aliases:
    """Read them from JSON."""
    return tuple((PersonRef(who), alias) for who, alias in values)


def shown(aliases: Aliases) -> list[str]:
    """Each as it may be set again."""
    return [f"{who}:{alias}" for who, alias in aliases]


def called(
    settings: AccountSettings, ref: PersonRef | None, people: Mapping[PersonRef, Person], *, first: bool = False
) -> str | None:
    """What a customer reads of somebody; None: nothing is known. first: the first word of an alias alone."""
    alias = next((alias for who, alias in settings.aliases if who == ref), None)
    if alias is not None:
        return alias.split()[0] if first else alias
    person = None if ref is None else people.get(ref)
    words = [] if person is None else person.name.split()
    return words[0] if words else None
