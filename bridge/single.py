"""One bot token speaks for one workspace: which of the database's that is, and what is wrong where it cannot be told."""

from __future__ import annotations

from collections.abc import Iterable

from bridge.model.ids import WorkspaceId
from bridge.model.state import Account, Wish, Workspace
from bridge.slack.probe import NoSlack, Whoami


def busy(accounts: Iterable[Account]) -> frozenset[WorkspaceId]:
    """The workspaces to which accounts are connected."""
    return frozenset(each.workspace for each in accounts if each.wish is not Wish.REMOVED)


def mismatch(asked: Whoami | NoSlack, known: Iterable[Workspace], accounts: Iterable[Account]) -> str | None:
    """What is wrong when the token is of another workspace than the database, or there are several; None: nothing."""
    there = busy(accounts)
    if len(there) > 1:
        return (
            f"SLACK_BOT_TOKEN speaks for one workspace, and accounts of {', '.join(sorted(there))} are connected: set "
            "SLACK_CLIENT_ID and SLACK_CLIENT_SECRET instead, or `threadbridge accounts remove` those of the others"
        )
    ids = there or {workspace.id for workspace in known}
    if isinstance(asked, NoSlack) or not ids or asked.workspace in ids:
        return None
    return (
        f"SLACK_BOT_TOKEN belongs to the workspace {asked.workspace}, the database to {', '.join(sorted(ids))}: "
        "set that workspace's token, or another BRIDGE_DATABASE_URL"
    )
