"""What `check` says of how the Slack app is installed: in which workspaces, and by which door Slack reaches us."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import aiohttp

from bridge import check as look
from bridge.check import Finding
from bridge.config import Config
from bridge.model.ids import WorkspaceId
from bridge.model.state import Workspace
from bridge.ports import Clock
from bridge.slack.probe import NoSlack
from bridge.slack.sockets import FOR_GOOD, NoSocketError, address
from bridge.tenants import Tenants

NAME = "SLACK_APP_TOKEN"
MENDS = {
    "missing_scope": "give it the scope connections:write: on the Slack app's page “Basic Information”, App-Level Tokens",
    "not_allowed_token_type": "set the app-level token (xapp-…) of the Slack app's page “Basic Information”, no other",
}
"""What to do about a refusal, in Slack's word for it; for any other of the token: take a fresh one."""


async def socket_of(config: Config, http: aiohttp.ClientSession) -> list[Finding]:
    """Whether Slack would open a socket; nothing where it reaches us by HTTP. No socket is opened by asking."""
    if not config.slack_app_token:
        return []
    try:
        await address(config.slack_app_token.first, base_url=config.slack_api_url, http=http)
    except NoSocketError as error:
        if error.reason not in FOR_GOOD:
            mend = (
                "try again; if it stays, look at the network, and whether Socket Mode is on in the Slack app's settings"
            )
            return [look.wrong("socket", NAME, f"Slack gives no socket ({error.reason})", mend)]
        mend = MENDS.get(error.reason, "make a new one on the Slack app's page “Basic Information”, App-Level Tokens")
        return [look.wrong("socket", NAME, f"Slack does not accept it ({error.reason})", mend)]
    return [look.fine("socket", NAME)]


async def installed_in(
    config: Config, workspaces: Sequence[Workspace], tenants: Tenants, clock: Clock, busy: Collection[WorkspaceId]
) -> list[Finding]:
    """Whether each workspace's installation counts, and what it may; the clock by the first that answers.

    busy: workspaces with accounts; one without may have left for good.
    """
    page = f"{config.public_url or ''}/slack/install"
    if not workspaces:
        return [look.wrong("workspace", "none", "the app is installed in no workspace", f"open {page} and allow it")]
    found: list[Finding] = []
    compared = False
    for workspace in workspaces:
        probe = tenants.probe_for(workspace.id)
        if probe is None:
            gone = (
                f"nobody has installed the app in {workspace.name}, or it was removed there; what waits for it is kept"
            )
            bad = look.wrong if workspace.id in busy else look.doubtful
            found.append(bad("workspace", workspace.id, gone, f"open {page} and allow it there"))
            continue
        asked = await probe.whoami()
        if not compared and not isinstance(asked, NoSlack):
            found.append(look.clock(asked, clock.now()))
            compared = True
        mend = f"open {page} and allow it there again"
        found += look.slack_token(asked, look.needed_scopes(), name=workspace.id, mend=mend)
    return found
