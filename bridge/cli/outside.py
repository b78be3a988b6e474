"""What `check` says of the ways by which somebody hears that Slack itself fails."""

from __future__ import annotations

import aiohttp

from bridge import check as look
from bridge.check import Finding
from bridge.chosen import mail_of, webhook_of
from bridge.config import Config, ConfigError
from bridge.ports import Clock
from bridge.sinks.mail import Mail
from bridge.sinks.webhook import Webhook

MAIL, TO, WEBHOOK = "BRIDGE_SMTP_URL", "BRIDGE_ALERT_EMAIL", "BRIDGE_ALERT_WEBHOOK_URL"


async def findings(config: Config, http: aiohttp.ClientSession, clock: Clock) -> list[Finding]:
    """Whether each of those that are set is whole, and can be reached; nothing is sent."""
    found: list[Finding] = []
    if bool(config.smtp_url) != (config.alert_email is not None):
        there, missing = (MAIL, TO) if config.smtp_url else (TO, MAIL)
        found.append(look.doubtful("setting", there, f"it says nothing without {missing}", f"set {missing}, too"))
    for name, made in ((MAIL, lambda: mail_of(config)), (WEBHOOK, lambda: webhook_of(config, http, clock))):
        try:
            way: Mail | Webhook | None = made()
        except ConfigError as error:
            found.append(look.wrong("setting", name, str(error).removeprefix(f"{name} "), f"correct {name}"))
            continue
        if way is None:
            continue
        why = await way.reachable()
        mend = "see that this machine may reach it, and that what it logs in with is right"
        found.append(
            look.fine("setting", name)
            if why is None
            else look.doubtful("setting", name, f"it cannot be reached ({why})", mend)
        )
    return found
