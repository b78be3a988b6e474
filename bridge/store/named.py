"""Who is named in what is drawn, and in whose language."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from bridge.model.change import replace
from bridge.model.effects import AnswerAsker, AnyEffect, GiveTranscript, ReplaceLine, TellOwner, TellPerson
from bridge.model.ids import PersonRef, WorkspaceId
from bridge.model.incident import BY_LOGIN
from bridge.model.state import Person, PersonKind
from bridge.ports import About, OutboxRow
from bridge.store import rows, schema
from bridge.store.sql import among

_PEOPLE = schema.person.select().where(
    among(schema.person.c.workspace, "workspaces"), among(schema.person.c.ref, "refs")
)

_LOGGED_IN = sa.select(schema.meta_person.c.id, schema.meta_person.c.workspace, schema.meta_person.c.name).where(
    schema.meta_person.c.id.in_(sa.bindparam("ids", expanding=True)), schema.meta_person.c.name.is_not(None)
)

TOLD = TellPerson | AnswerAsker | TellOwner | ReplaceLine | GiveTranscript
"""What one person reads, in their own language."""


def people_of(
    conn: sa.Connection, drafts: Sequence[tuple[OutboxRow, About]], but: tuple[type, ...]
) -> dict[tuple[WorkspaceId, PersonRef], Person]:
    """Everybody who is named in what these rows draw. but: effects of which nobody reads anything."""
    wanted = {ref for row, draft in drafts if not isinstance(row.effect, but) for ref in _refs(row.effect, draft)}
    if not wanted:
        return {}
    given = {"workspaces": list({draft.workspace.id for _, draft in drafts}), "refs": list(wanted)}
    found = {(row.workspace, row.ref): rows.person(row) for row in conn.execute(_PEOPLE, given).all()}
    return found | _logged_in(conn, wanted)


def _logged_in(conn: sa.Connection, wanted: Collection[str]) -> dict[tuple[WorkspaceId, PersonRef], Person]:
    """Those of them who are no people of the desk."""
    marked = [ref.removeprefix(BY_LOGIN) for ref in wanted if ref.startswith(BY_LOGIN)]
    ids = [int(number) for number in marked if number.isdecimal()]
    if not ids:
        return {}
    refs = {
        (row.workspace, PersonRef(f"{BY_LOGIN}{row.id}")): row.name for row in conn.execute(_LOGGED_IN, {"ids": ids})
    }
    return {key: Person(ref=key[1], kind=PersonKind.STRANGER, name=name) for key, name in refs.items()}


def _refs(effect: AnyEffect, draft: About) -> set[str]:
    """Whoever may be named: the reader, the author, who answered last, the owners, and what stands in a sentence."""
    refs: set[Any] = {getattr(effect, "person", None)}
    if draft.scene is not None:
        talk = draft.scene.conversation
        refs.update((talk.answered_by, talk.owner, talk.worked_by, draft.scene.customer.blocked_by))
        refs.add(None if draft.scene.message is None else draft.scene.message.person)
        refs.update(each.person for each in draft.scene.shown)
        refs.update(quoted.message.person for quoted in draft.scene.quoted.values())
        refs.update(each.by for each in draft.scene.tickets)
    refs.update(each.conversation.owner for each in draft.listed)
    if draft.incident is not None:
        refs.update(
            word for value in draft.incident.values.values() if isinstance(value, str) for word in value.split()
        )
        refs.update(() if draft.account is None else draft.account.settings.owners)
        refs.update(each.incident.values.get("by") for each in draft.members)
    for each in () if draft.closings is None else draft.closings.shown:
        refs.update((each.line.person, each.scene.conversation.owner))
    said = getattr(effect, "said", None)
    refs.update(() if said is None else said.values.values())
    return {ref for ref in refs if isinstance(ref, str)}


def with_names(effect: AnyEffect, draft: About, people: dict[tuple[WorkspaceId, PersonRef], Person]) -> About:
    """What a row is about with the names of people, in its reader's language."""
    at = draft.workspace.id
    for ref in _refs(effect, draft):
        if (person := people.get((at, PersonRef(ref)))) is not None:
            draft.names[person.ref] = person.name
            if person.picture is not None:
                draft.pictures[person.ref] = person.picture
    reader = people.get((at, effect.person)) if isinstance(effect, TOLD) else None
    return draft if reader is None or reader.language is None else replace(draft, language=reader.language)
