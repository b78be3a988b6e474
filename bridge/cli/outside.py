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


def halves(*, mail: bool, to: bool, tickets: bool) -> list[Finding]:
    """Whether an address and the server that would reach it are both set. tickets: some go by that server, whoever is told."""
    if to and not mail:
        return [look.doubtful("setting", TO, f"it says nothing without {MAIL}", f"set {MAIL}, too")]
    if mail and not to and not tickets:
        mend = f"set {TO}, too, or an account's `ticket_sink=mailto:…`"
        return [look.doubtful("setting", MAIL, f"nothing goes by it without {TO} or tickets by e-mail", mend)]
    return []


async def findings(config: Config, http: aiohttp.ClientSession, clock: Clock) -> list[Finding]:
    """Whether each of those that are set is whole, and can be reached; nothing is sent."""
    found: list[Finding] = []
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
