"""Who may do what: one table of people, actions and settings."""

from __future__ import annotations

from typing import Any

import pytest

from bridge import roles
from bridge.model.change import replace
from bridge.model.decision import Allowed, Denied
from bridge.model.ids import GroupRef, PersonRef
from bridge.model.state import Account, Known, Person, PersonKind
from bridge.roles import Action
from tests.core.factories import account

ADMIN, OWNER, LEAD, AGENT, GUEST, STRANGER, BOT, OLD = map(
    PersonRef, ("U-admin", "U-owner", "U-lead", "U-agent", "U-guest", "U-stranger", "U-bot", "U-old")
)
LEADS, SUPPORT = GroupRef("S-leads"), GroupRef("S-support")
KINDS = {GUEST: PersonKind.GUEST, STRANGER: PersonKind.STRANGER, BOT: PersonKind.BOT}
PEOPLE = {
    who: Person(ref=who, kind=KINDS.get(who, PersonKind.MEMBER), name=who, admin=who == ADMIN)
    for who in (ADMIN, OWNER, LEAD, AGENT, GUEST, STRANGER, BOT)
} | {OLD: Person(ref=OLD, kind=PersonKind.MEMBER, name=OLD)}
KNOWN = Known(people=PEOPLE, groups={LEADS: (AGENT,), SUPPORT: (AGENT,)})

Settings = dict[str, Any]
NOBODY: Settings = {}
OWNED: Settings = {"owners": (OWNER,)}
LED: Settings = {"owners": (OWNER,), "leads": (LEAD,)}
LED_BY_GROUP: Settings = {"lead_groups": (LEADS,)}


def shop(settings: Settings) -> Account:
    plain = account()
    return replace(plain, settings=replace(plain.settings, **settings))


def said(who: PersonRef, action: Action, *settings: Settings, known: Known = KNOWN) -> str | None:
    ruling = roles.authorise(who, action, [shop(each) for each in settings], known)
    return None if isinstance(ruling, Allowed) else ruling.said.key


@pytest.mark.parametrize("action", [Action.SET_UP, Action.CONNECT, Action.AUDIT])
@pytest.mark.parametrize(
    ("who", "settings", "key"),
    [
        (ADMIN, NOBODY, None),
        (AGENT, NOBODY, "role.set_up_admins"),
        (GUEST, NOBODY, "role.set_up_admins"),
        (ADMIN, OWNED, None),
        (OWNER, OWNED, None),
        (AGENT, OWNED, "role.set_up"),
        (STRANGER, OWNED, "role.set_up"),
        (BOT, OWNED, "role.set_up"),
        (LEAD, LED, "role.set_up"),
        (STRANGER, {"owners": (STRANGER,)}, None),
        (OLD, NOBODY, None),
        (OLD, OWNED, "role.set_up"),
        (PersonRef("U-new"), NOBODY, "reply.unknown_person"),
    ],
)
def test_admins_and_owners_set_up(action: Action, who: PersonRef, settings: Settings, key: str | None) -> None:
    """ZI-10, ZM-03: whoever else tries reads who can, in words of what they tried."""
    assert said(who, action, settings) == (
        key and (key.replace("set_up", "connect") if action is Action.CONNECT else key)
    )


def test_of_the_workspace_itself_every_owner_and_admin_decides() -> None:
    """ZI-10: the first account is an admin's; afterwards whoever owns one may connect another."""
    assert (said(ADMIN, Action.SET_UP), said(OWNER, Action.SET_UP)) == (None, "role.set_up_admins")
    assert said(OWNER, Action.SET_UP, NOBODY, OWNED) is None


def test_owners_are_named_to_whoever_has_to_ask_them() -> None:
    """ZI-10: a refusal says who can."""
    ruling = roles.authorise(AGENT, Action.SET_UP, [shop({"owners": (OWNER, LEAD)}), shop(OWNED)], KNOWN)
    assert not isinstance(ruling, Allowed)
    assert ruling.said.values == {"people": f"{OWNER},{LEAD}"}


@pytest.mark.parametrize(
    ("who", "settings", "key"),
    [
        (AGENT, NOBODY, None),
        (GUEST, NOBODY, "reply.guest"),
        (AGENT, LED, "role.assign"),
        (LEAD, LED, None),
        (OWNER, LED, None),
        (ADMIN, LED, None),
        (AGENT, LED_BY_GROUP, None),
        (LEAD, LED_BY_GROUP, "role.assign_leads"),
        (LEAD, {"lead_groups": (LEADS,), "owners": (OWNER,)}, "role.assign"),
    ],
)
def test_leads_give_conversations_to_others_where_any_are_named(
    who: PersonRef, settings: Settings, key: str | None
) -> None:
    """ZI-25: otherwise whoever answers."""
    assert said(who, Action.ASSIGN, settings) == key


def test_who_may_with_one_of_two_accounts_may() -> None:
    """ZI-34: a forwarded conversation has the agents of both."""
    assert said(AGENT, Action.WORK, {"agents": (LEAD,)}, NOBODY) is None
    assert said(AGENT, Action.ASSIGN, LED, NOBODY) is None
    assert said(LEAD, Action.ANSWER, {"agents": (AGENT,)}, {"agent_groups": (SUPPORT,)}) == "reply.not_agent"


def test_who_is_not_named_reads_whom_to_ask() -> None:
    """ZI-25: the people and groups that are named, guests as well as members."""
    there = account(agents=(AGENT,), groups=(SUPPORT,))
    for who in (OLD, GUEST):
        ruling = roles.authorise(who, Action.ANSWER, [there], KNOWN)
        assert isinstance(ruling, Denied)
        assert ruling.said.values == {"people": f"{AGENT},{SUPPORT}"}


@pytest.mark.parametrize(
    ("who", "action", "settings", "lacks"),
    [
        (OLD, Action.SET_UP, NOBODY, (OLD, ())),
        (OLD, Action.SET_UP, {"owners": (OLD,)}, (None, ())),
        (OLD, Action.ASSIGN, NOBODY, (None, ())),
        (OLD, Action.ASSIGN, LED, (OLD, ())),
        (AGENT, Action.ASSIGN, {"lead_groups": (GroupRef("S-new"),)}, (None, (GroupRef("S-new"),))),
        (AGENT, Action.WORK, {"lead_groups": (GroupRef("S-new"),)}, (None, ())),
        (PersonRef("U-new"), Action.AUDIT, NOBODY, (PersonRef("U-new"), ())),
    ],
)
def test_what_must_be_learnt_first(
    who: PersonRef, action: Action, settings: Settings, lacks: tuple[PersonRef | None, tuple[GroupRef, ...]]
) -> None:
    """ZI-10: whether somebody is an admin is asked only where it matters."""
    assert roles.unknown_of(who, action, shop(settings), KNOWN) == lacks
