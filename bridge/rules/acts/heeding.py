"""What people do with an incident under its alert: put it off."""

from __future__ import annotations

from bridge import lanes, roles
from bridge.model.change import replace
from bridge.model.decision import Allowed, Decision, Denied, Ruling
from bridge.model.effects import Queued, TellPerson
from bridge.model.facts import Act, Pressed
from bridge.model.ids import GroupRef, PersonRef, PostRef
from bridge.model.incident import Incident
from bridge.model.state import Account, Known, PersonKind, Said
from bridge.roles import Action
from bridge.rules.base import Context, asks_who, nothing
from bridge.rules.desk import incidents

NOT_DONE = {
    "reply.guest": "act.guest",
    "reply.other_company": "act.other_company",
    "reply.not_agent": "act.not_agent",
    "reply.unknown_person": "act.unknown_person",
    "reply.no_member": "act.no_member",
}
"""What somebody reads who may not do something that sends nothing, by what they read of an answer."""


def not_done(said: Said) -> Said:
    """Why somebody may not do what they pressed, where nothing was to be sent."""
    return replace(said, key=NOT_DONE.get(said.key, said.key))


def unknown(fact: Pressed, account: Account | None, known: Known) -> tuple[Queued, ...]:
    """What must be learnt before it can be said whether they may."""
    person: PersonRef | None = None if fact.person in known.people else fact.person
    groups: tuple[GroupRef, ...] = ()
    if account is not None:
        person, groups = roles.unknown_of(fact.person, Action.WORK, account, known)
    return asks_who(fact.workspace, () if person is None else (person,), groups)


def may_heed(person: PersonRef, incident: Incident, account: Account | None, known: Known) -> Ruling:
    """Who was told of it and who owns the account may; besides, whoever may answer its customers, or works in the house."""
    owners = () if account is None else account.settings.owners
    if person in owners or person in incidents.people(incident):
        return Allowed()
    if account is not None:
        return roles.authorise(person, Action.WORK, [account], known)
    who = known.people.get(person)
    if who is not None and who.kind is PersonKind.MEMBER:
        return Allowed()
    if who is None:
        return Denied(said=Said(key="reply.unknown_person"))
    match who.kind:
        case PersonKind.GUEST:
            return Denied(said=Said(key="reply.guest"))
        case PersonKind.STRANGER:
            return Denied(said=Said(key="reply.other_company"))
        case _:
            return Denied(said=Said(key="reply.no_member"))


def pressed(incident: Incident, account: Account | None, fact: Pressed, known: Known, context: Context) -> Decision:
    """A button about the incident itself was pressed."""
    ruling = may_heed(fact.person, incident, account, known)
    if isinstance(ruling, Denied):
        return Decision(effects=_answer(fact, not_done(ruling.said)))
    if fact.act is not Act.SNOOZE_ALERT:
        return nothing("nothing to do with an incident")
    decision = incidents.put_off(incident, fact.person, context)
    if decision.ignored is not None:
        key = "told.over_already" if incident.closed_at is not None else "told.snoozed_already"
        return replace(decision, effects=_answer(fact, Said(key=key)), ignored=None)
    if fact.handle is None:
        return decision  # the alert says so by itself
    until = decision.incidents[0].values[incidents.SNOOZED]
    said = Said(key="told.snoozed_now", values={"until": until})
    return replace(decision, effects=(*decision.effects, *_answer(fact, said)))


def _answer(fact: Pressed, said: Said) -> tuple[Queued, ...]:
    """Tell whoever pressed, where they did."""
    about = fact.root or fact.ref or (None if fact.handle is None else _post(fact.handle))
    if about is None:
        return ()
    told = TellPerson(workspace=fact.workspace, person=fact.person, said=said, about=about, root=None, at=fact.at)
    return (lanes.queue(told, position=lanes.micros(fact.at)),)


def _post(handle: str) -> PostRef | None:
    return None if handle.startswith(("https://", "http://")) else PostRef(handle)
