"""Who answers, leads and owns: what is said when somebody is named for an account, or is no longer.

Rule 1: whoever is named answers from that moment on, and whoever is not named any more does not.
Rule 2: naming nobody means everybody; so the last agent goes only when somebody says that this is meant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bridge.model.setup import Change, SetupAsked
from bridge.model.state import Account, Said, Value

LISTS = ("agents", "leads", "owners")
ADDED = {"agents": "set_up.agents_added", "leads": "set_up.leads_added", "owners": "set_up.owners_added"}
DROPPED = {"agents": "set_up.agents_dropped", "leads": "set_up.leads_dropped", "owners": "set_up.owners_dropped"}


def barred(fact: SetupAsked, account: Account, stands: Mapping[str, object], pairs: Mapping[str, str]) -> Said | None:
    """Why people cannot be dropped: they are the last agents, or nobody is named at all."""
    if fact.change is not Change.DROP or "agents" not in pairs:
        return None
    if not stands["agents"]:
        return Said(key="set_up.agents_open", values={"account": account.name})
    if not pairs["agents"]:
        return Said(key="set_up.agents_last", values={"account": account.name, "people": _named(stands["agents"])})
    return None


def said(fact: SetupAsked, account: Account, stands: Mapping[str, object], pairs: Mapping[str, str]) -> Said | None:
    """What whoever changed people reads; None: other settings were changed."""
    name = next((each for each in LISTS if each in fact.values), None)
    if name is None or len(fact.values) != 1:
        return None
    values: dict[str, Value] = {"account": account.name, "people": fact.values[name]}
    match fact.change:
        case Change.ADD if name == "agents" and not stands[name]:
            return Said(key="set_up.agents_first", values=values)
        case Change.ADD:
            key = ADDED[name]
            return Said(key=key, values=values)
        case Change.DROP:
            key = DROPPED[name]
            return Said(key=key, values=values)
        case _ if name == "agents" and not pairs[name]:
            return Said(key="set_up.agents_everyone", values={"account": account.name})
        case _:
            return None


def _named(stands: object) -> str:
    return ",".join(map(str, stands)) if isinstance(stands, Sequence) else ""
