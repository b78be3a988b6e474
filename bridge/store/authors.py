"""What is known of those whose answers are about to go: whether they may answer is ruled once more then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from bridge import roles
from bridge.model.change import replace
from bridge.model.decision import Scene
from bridge.model.effects import SendToCustomer
from bridge.model.ids import GroupRef, PersonRef, WorkspaceId
from bridge.model.state import Author, Known, Person, PersonKind
from bridge.ports import About, OutboxRow
from bridge.store import rows, schema
from bridge.store.sql import Question, among

Draft = tuple[OutboxRow, About]

_PEOPLE = Question(
    schema.person.select().where(among(schema.person.c.workspace, "workspaces"), among(schema.person.c.ref, "refs"))
)
_MEMBERS = Question(
    sa.select(schema.group_member.c.workspace, schema.group_member.c.group, schema.group_member.c.person)
    .where(among(schema.group_member.c.workspace, "workspaces"), among(schema.group_member.c.group, "groups"))
    .order_by(schema.group_member.c.person)
)


def with_authors(conn: sa.Connection, drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts, those of agents' answers with what was learnt of who let them go: one look for all, two where groups answer."""
    wanted = {row.id: who for row, draft in drafts if (who := _whose(row, draft)) is not None}
    if not wanted:
        return list(drafts)
    workspaces = list({draft.workspace.id for row, draft in drafts if row.id in wanted})
    people = _people(conn, workspaces, set(wanted.values()))
    groups = _groups(conn, workspaces, {each for row, draft in drafts if row.id in wanted for each in _named(draft)})
    return [(row, _with(draft, wanted[row.id], people, groups) if row.id in wanted else draft) for row, draft in drafts]


def _whose(row: OutboxRow, draft: About) -> PersonRef | None:
    """Who let an agent's answer go."""
    message = None if draft.scene is None else draft.scene.message
    if not isinstance(row.effect, SendToCustomer) or message is None or message.author is not Author.AGENT:
        return None
    return row.effect.by or message.person


def _named(draft: About) -> Iterator[GroupRef]:
    for account in () if draft.scene is None else roles.accounts_of(draft.scene):
        yield from account.settings.agent_groups


def _people(
    conn: sa.Connection, workspaces: Sequence[WorkspaceId], refs: set[PersonRef]
) -> dict[tuple[WorkspaceId, PersonRef], Person]:
    found = _PEOPLE.ask(conn, {"workspaces": workspaces, "refs": sorted(refs)})
    return {(row.workspace, row.ref): rows.person(row) for row in found}


def _groups(
    conn: sa.Connection, workspaces: Sequence[WorkspaceId], refs: set[GroupRef]
) -> dict[tuple[WorkspaceId, GroupRef], tuple[PersonRef, ...]]:
    """Who belongs to each; a group that nobody has asked for is missing."""
    found: dict[tuple[WorkspaceId, GroupRef], tuple[PersonRef, ...]] = {}
    for row in _MEMBERS.ask(conn, {"workspaces": workspaces, "groups": sorted(refs)}) if refs else ():
        others = found.get((row.workspace, row.group), ())
        found[row.workspace, row.group] = (*others, row.person) if row.person else others
    return found


def _is_anybody(scene: Scene, person: Person) -> bool:
    """Whether they are a full member where every one of them answers: there is nothing to rule on."""
    named = (each.settings.agents or each.settings.agent_groups for each in roles.accounts_of(scene))
    return person.kind is PersonKind.MEMBER and not any(named)


def _with(
    draft: About,
    who: PersonRef,
    people: dict[tuple[WorkspaceId, PersonRef], Person],
    groups: dict[tuple[WorkspaceId, GroupRef], tuple[PersonRef, ...]],
) -> About:
    """With *who*, and the groups that the account names. What it was made of stays: that is not read again when it ends."""
    at, person = draft.workspace.id, people.get((draft.workspace.id, who))
    if draft.scene is None or person is None or _is_anybody(draft.scene, person):
        return draft
    named = {each: groups[at, each] for each in _named(draft) if (at, each) in groups}
    return replace(draft, scene=replace(draft.scene, known=Known(people={who: person}, groups=named)))
