"""The Slack app's manifest as this installation needs it: its addresses, by HTTP or by sockets, for one workspace or many."""

from __future__ import annotations

import re

EXAMPLE = re.compile(r"https?://[^/\s\"']+(?=/slack/)")
REDIRECT = "/slack/oauth_redirect"


def filled(text: str, *, url: str | None, by_sockets: bool, by_oauth: bool) -> str:
    """The shipped manifest with everything in its place. url: where Slack and people reach us; None: nowhere.

    Keys: https://docs.slack.dev/reference/app-manifest
    """
    if by_sockets:
        # An app with Socket Mode has no request URLs, and Slack would ask one that is given whether it is ours.
        text = re.sub(r"^ *(?:request_)?url: .*\n", "", text, flags=re.MULTILINE)
        text = text.replace("socket_mode_enabled: false", "socket_mode_enabled: true")
    if by_oauth:
        text = text.replace("oauth_config:\n", f"oauth_config:\n  redirect_urls:\n    - {url}{REDIRECT}\n")
        text = text.replace("org_deploy_enabled: false", "org_deploy_enabled: true")
    return text if url is None else EXAMPLE.sub(lambda _: url, text)
