"""What `threadbridge check` says of the people and groups that accounts name: who of them is no longer in Slack."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bridge.check import Finding, doubtful
from bridge.model.ids import PersonRef, WorkspaceId
from bridge.model.state import Account, PersonKind, Wish
from bridge.settings import subject
from bridge.store.schema import group_member, person


def findings(conn: Connection, accounts: Sequence[Account]) -> list[Finding]:
    """A warning for each account and setting that names somebody who has left, or a group with nobody in it."""
    left = _left(conn)
    found: list[Finding] = []
    for account in (each for each in accounts if each.wish is not Wish.REMOVED):
        named = {name: getattr(account.settings, name) for name in ("owners", "agents", "leads", "on_call")}
        for name, people in named.items():
            if gone := [each for each in people if (account.workspace, each) in left]:
                found.append(_gone(account, name, gone))
        for group in account.settings.agent_groups:
            if _is_empty(conn, account.workspace, group):
                problem = f"nobody belongs to {group}, which is named in its agents"
                mend = "put people into the group in Slack, or name others with `threadbridge accounts set`"
                found.append(doubtful("agents", subject(account), problem, mend))
    return found


def _gone(account: Account, name: str, people: Sequence[PersonRef]) -> Finding:
    verb = "is" if len(people) == 1 else "are"
    problem = f"{', '.join(people)} {verb} no longer in the workspace, and named in its {name}"
    mend = f"`threadbridge accounts set {subject(account)} {name}=…` names those who are"
    return doubtful(name, subject(account), problem, mend)


def _left(conn: Connection) -> set[tuple[WorkspaceId, PersonRef]]:
    query = sa.select(person.c.workspace, person.c.ref).where(person.c.kind == PersonKind.GONE.value)
    return {(WorkspaceId(row.workspace), PersonRef(row.ref)) for row in conn.execute(query)}


def _is_empty(conn: Connection, workspace: WorkspaceId, group: str) -> bool:
    """Whether it was learnt that nobody belongs to it."""
    whose = sa.select(group_member.c.person).where(group_member.c.workspace == workspace, group_member.c.group == group)
    return list(conn.execute(whose).scalars()) == [""]
