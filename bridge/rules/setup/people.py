"""Who answers, leads and owns: what is said when somebody is named for an account, or is no longer.

Rule 1: whoever is named answers from that moment on, and whoever is not named any more does not.
Rule 2: naming no agent or no lead means everybody; so the last one goes only when somebody says that this is meant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bridge.model.setup import Change, SetupAsked
from bridge.model.state import Account, Said, Value

LISTS = ("agents", "leads", "owners")
ADDED = {"agents": "set_up.agents_added", "leads": "set_up.leads_added", "owners": "set_up.owners_added"}
DROPPED = {"agents": "set_up.agents_dropped", "leads": "set_up.leads_dropped", "owners": "set_up.owners_dropped"}
FIRST = {"agents": "set_up.agents_first", "leads": "set_up.leads_first"}
"""Where nobody was named, everybody could; from the first one on only who is named."""
OPEN = {"agents": "set_up.agents_open", "leads": "set_up.leads_open"}
LAST = {"agents": "set_up.agents_last", "leads": "set_up.leads_last"}
EVERYONE = {"agents": "set_up.agents_everyone", "leads": "set_up.leads_everyone"}
OWNERLESS = "set_up.owners_last"
"""An account may do without an owner; workspace admins are there in any case."""


def barred(
    fact: SetupAsked, account: Account, typed: str, stands: Mapping[str, object], pairs: Mapping[str, str]
) -> Said | None:
    """Why people cannot be dropped: they are the last agents or leads, or nobody is named at all. typed: what names the account in a command."""
    name = next((each for each in LAST if each in pairs), None)
    if fact.change is not Change.DROP or name is None:
        return None
    if not stands[name]:
        key = OPEN[name]
        return Said(key=key, values={"account": account.name, "typed": typed})
    if not pairs[name]:
        key = LAST[name]
        return Said(key=key, values={"account": account.name, "typed": typed, "people": _named(stands[name])})
    return None


def said(
    fact: SetupAsked, account: Account, typed: str, stands: Mapping[str, object], pairs: Mapping[str, str]
) -> Said | None:
    """What whoever changed people reads; None: other settings were changed. typed: as above."""
    name = next((each for each in LISTS if each in fact.values), None)
    if name is None or len(fact.values) != 1:
        return None
    values: dict[str, Value] = {"account": account.name, "people": fact.values[name]}
    match fact.change:
        case Change.ADD if name in FIRST and not stands[name]:
            key = FIRST[name]
            return Said(key=key, values={**values, "typed": typed})
        case Change.ADD:
            key = ADDED[name]
            return Said(key=key, values=values)
        case Change.DROP if not pairs[name]:
            return Said(key=OWNERLESS, values=values)
        case Change.DROP:
            key = DROPPED[name]
            return Said(key=key, values={**values, "left": pairs[name]})
        case _ if name in EVERYONE and not pairs[name]:
            key = EVERYONE[name]
            return Said(key=key, values={"account": account.name, "people": _named(stands[name])})
        case _:
            return None


def _named(stands: object) -> str:
    return ",".join(map(str, stands)) if isinstance(stands, Sequence) else ""
