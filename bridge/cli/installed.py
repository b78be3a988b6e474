"""What `check` says of how the Slack app is installed: by which door Slack reaches us."""

from __future__ import annotations

import aiohttp

from bridge import check as look
from bridge.check import Finding
from bridge.config import Config
from bridge.slack.sockets import FOR_GOOD, NoSocketError, address

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
