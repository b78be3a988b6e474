"""Who may do what. Whoever asks whether somebody may do something asks `authorise`. Pure.

Admins of the workspace and an account's owners set up; leads give conversations to others, where any are named; agents answer;
everyone else reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import assert_never

from bridge.model.act import Act
from bridge.model.decision import Allowed, Denied, Ruling, Scene
from bridge.model.ids import GroupRef, PersonRef
from bridge.model.state import Account, Known, PersonKind, Said


class Action(StrEnum):
    """What somebody wants to do."""

    ANSWER = "answer"
    """Write to customers."""
    WORK = "work"
    """Take a conversation, close it, put it off: whatever is done with one, or with what is told of it."""
    ASSIGN = "assign"
    """Give a conversation to somebody else."""
    SET_UP = "set_up"
    """Change what is set for accounts or for the workspace."""
    CONNECT = "connect"
    """Connect another account."""
    AUDIT = "audit"
    """Read who has changed what."""


ACTIONS = {Act.ASSIGN: Action.ASSIGN}
"""Acts that are more than working on a conversation."""


REFUSED = {
    Action.SET_UP: ("role.set_up", "role.set_up_admins"),
    Action.CONNECT: ("role.connect", "role.connect_admins"),
    Action.AUDIT: ("role.set_up", "role.set_up_admins"),
}
"""What admins and owners may: how others are refused where owners can be named, and where there are none."""


def action_of(act: Act | None) -> Action:
    """What an act is for whoever asks whether somebody may."""
    return Action.WORK if act is None else ACTIONS.get(act, Action.WORK)


def authorise(actor: PersonRef, action: Action, accounts: Sequence[Account], known: Known) -> Ruling:
    """May this person do this with these accounts? Whoever may with one of them, may.

    accounts: those that it is about; of the workspace itself all that it has, perhaps none.
    """
    match action:
        case Action.ANSWER | Action.WORK:
            return _first([_may_answer(actor, account, known) for account in accounts])
        case Action.ASSIGN:
            return _may_assign(actor, accounts, known)
        case Action.SET_UP | Action.CONNECT | Action.AUDIT:
            return _may_set_up(actor, accounts, known, REFUSED[action])
        case _:
            assert_never(action)


def unknown_of(
    actor: PersonRef, action: Action, account: Account, known: Known
) -> tuple[PersonRef | None, tuple[GroupRef, ...]]:
    """What must be learnt before `authorise` can rule: the person, and which of the named groups."""
    settings, who = account.settings, known.people.get(actor)
    if action in REFUSED:
        return (None if actor in settings.owners or (who is not None and who.admin is not None) else actor), ()
    led = action is Action.ASSIGN and bool(settings.leads or settings.lead_groups)
    named = settings.lead_groups if led else ()
    if actor not in settings.agents:
        named = (*named, *settings.agent_groups)
    unknown = who is None or (led and who.admin is None)
    return (actor if unknown else None), tuple(group for group in dict.fromkeys(named) if group not in known.groups)


def is_named(person: PersonRef, accounts: Sequence[Account], known: Known) -> bool:
    """Whether one of these accounts names this person as an agent, or a group that they belong to."""
    return any(_belongs(person, each.settings.agents, each.settings.agent_groups, known) for each in accounts)


# ── in a conversation ─────────────────────────────────────────────────────────────────────────────────────


def may_act(person: PersonRef, scene: Scene, action: Action = Action.WORK) -> Ruling:
    """May this person do this in this conversation? Whoever may in one of its accounts."""
    return authorise(person, action, accounts_of(scene), scene.known)


def no_longer(person: PersonRef, scene: Scene) -> Denied | None:
    """Why somebody who could answer when they wrote may not any more; None: they may, or who they are is not known."""
    return barred(person, accounts_of(scene), scene.known)


def barred(person: PersonRef, accounts: Sequence[Account], known: Known) -> Denied | None:
    """Why somebody may answer for none of these accounts; None: they may, or who they are is not known."""
    who = known.people.get(person)
    unread = any(group not in known.groups for each in accounts for group in each.settings.agent_groups)
    if who is None or (unread and who.kind is not PersonKind.GONE):
        return None
    ruling = authorise(person, Action.ANSWER, accounts, known)
    return ruling if isinstance(ruling, Denied) else None


def unknown_to(
    person: PersonRef, scene: Scene, action: Action = Action.WORK
) -> tuple[PersonRef | None, tuple[GroupRef, ...]]:
    """What must be learnt before `may_act` can rule; see `unknown_of`."""
    found = [unknown_of(person, action, account, scene.known) for account in accounts_of(scene)]
    return found[0][0], tuple(dict.fromkeys(group for _, groups in found for group in groups))


def groups_of(scene: Scene) -> tuple[GroupRef, ...]:
    """The groups that a conversation's accounts name."""
    named = [(*each.settings.agent_groups, *each.settings.lead_groups) for each in accounts_of(scene)]
    return tuple(dict.fromkeys(group for groups in named for group in groups))


def accounts_of(scene: Scene) -> tuple[Account, ...]:
    """A conversation's own account, and the one to which it was forwarded."""
    return (scene.account,) if scene.forwarded is None else (scene.account, scene.forwarded)


# ── the rules ─────────────────────────────────────────────────────────────────────────────────────────────


def _may_answer(person: PersonRef, account: Account, known: Known) -> Ruling:
    """Named as an agent, or of a named group: yes, while they are there. Otherwise every full member, where nobody is named."""
    who = known.people.get(person)
    if who is not None and who.kind is PersonKind.GONE:
        return Denied(said=_OUTSIDERS[who.kind])
    if is_named(person, [account], known):
        return Allowed()
    if who is None:
        return Denied(said=Said(key="reply.unknown_person"), retry=True)
    named: tuple[PersonRef | GroupRef, ...] = (*account.settings.agents, *account.settings.agent_groups)
    barred = _OUTSIDERS.get(who.kind)
    if named and (barred is None or who.kind is PersonKind.GUEST):
        return Denied(said=Said(key="reply.not_agent", values={"people": _listed(named)}))
    return Allowed() if barred is None else Denied(said=barred)


def _may_assign(person: PersonRef, accounts: Sequence[Account], known: Known) -> Ruling:
    """Where leads are named: they, and whoever sets up. Otherwise whoever answers."""
    led = [each for each in accounts if each.settings.leads or each.settings.lead_groups]
    if len(led) < len(accounts):
        return _first([_may_answer(person, each, known) for each in accounts if each not in led])
    if any(_belongs(person, each.settings.leads, each.settings.lead_groups, known) for each in led):
        return Allowed()
    if isinstance(_may_set_up(person, accounts, known), Allowed):
        return Allowed()
    named = [*(person for each in led for person in each.settings.leads), *_owners(led)]
    if not named:
        return Denied(said=Said(key="role.assign_leads"))
    return Denied(said=Said(key="role.assign", values={"people": _listed(named)}))


def _may_set_up(
    person: PersonRef, accounts: Sequence[Account], known: Known, refused: tuple[str, str] = REFUSED[Action.SET_UP]
) -> Ruling:
    """refused: the sentences where owners can be named, and where there are none."""
    named, admins = refused
    owners, who = _owners(accounts), known.people.get(person)
    if person in owners:
        return Allowed()
    if who is None:
        return Denied(said=Said(key="reply.unknown_person"), retry=True)
    # Where the desk does not tell who its admins are, somebody must be able to begin.
    if who.kind is PersonKind.MEMBER and (who.admin or (who.admin is None and not owners)):
        return Allowed()
    if not owners:
        return Denied(said=Said(key=admins))
    return Denied(said=Said(key=named, values={"people": _listed(owners)}))


_OUTSIDERS = {
    PersonKind.BOT: Said(key="reply.no_member"),
    PersonKind.GONE: Said(key="reply.no_member"),
    PersonKind.STRANGER: Said(key="reply.other_company"),
    PersonKind.GUEST: Said(key="reply.guest"),
}
MOST_NAMED = 5
"""So many people are named to whoever has to ask one of them."""


def _first(rulings: Sequence[Ruling]) -> Ruling:
    """Allowed, if one of them is; else why the first is not."""
    allowed = next((each for each in rulings if isinstance(each, Allowed)), None)
    return allowed or (rulings[0] if rulings else Denied(said=Said(key="reply.not_agent")))


def _belongs(person: PersonRef, people: Sequence[PersonRef], groups: Sequence[GroupRef], known: Known) -> bool:
    return person in people or any(person in known.groups.get(group, ()) for group in groups)


def _owners(accounts: Sequence[Account]) -> tuple[PersonRef, ...]:
    return tuple(dict.fromkeys(owner for account in accounts for owner in account.settings.owners))


def _listed(people: Sequence[PersonRef | GroupRef]) -> str:
    return ",".join(dict.fromkeys(people[:MOST_NAMED]))
