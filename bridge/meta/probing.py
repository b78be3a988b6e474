"""How an account stands with Meta, in a few cheap calls: its token, its permissions, its link, its webhooks, its eligibility.

https://developers.facebook.com/docs/facebook-login/guides/access-tokens/debugging
https://developers.facebook.com/docs/messenger-platform/conversations
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from bridge.meta.errors import REAUTH
from bridge.meta.graph import Graph, GraphRequest
from bridge.meta.login import MESSAGES, Identity, MetaLogin, Refusal, Standing, Whose, whose_of
from bridge.meta.loose import whole, words
from bridge.model.change import replace
from bridge.model.facts import DeliveriesMissed
from bridge.model.outcomes import RawItem, Refused
from bridge.model.state import Account, Health, Login
from bridge.model.upkeep import UNTOLD, Probed, Refreshed
from bridge.rules.customers.history import to_item

WRONG_APP: Final = "cause.secret_changed"
REVOKED: Final = f"{REAUTH}.permission_revoked"
LINK: Final = frozenset({"connect.other_account", "connect.page_without_instagram"})
CAUSES: Final = {
    "cause.setup.not_eligible": "setup.not_eligible",
    "cause.setup.connected_tools": "setup.connected_tools",
    "error.not_found": f"{REAUTH}.page_removed",
    # A question of ours that is good for any account is refused as bad for its proof alone.
    "error.bad_request": f"{REAUTH}.secret_changed",
    "error.permission": REVOKED,
    "error.development": REVOKED,
}
"""By why a question was refused; what is not here, and no cause itself, tells nothing of the account."""
WORKING: Final = frozenset({Health.READY, Health.RESTRICTED})


async def probed(
    login: MetaLogin, account: Account, token: str, now: datetime, silent_since: datetime | None = None
) -> Probed:
    """Ask how an account stands; have webhooks come again where they have stopped, or nothing has come by them."""
    whose = whose_of(account)
    identity = await _identity(login, token, replace(whose, comments=False))
    if isinstance(identity, Refusal):
        return Probed(cause=_cause(identity, whose), code=identity.code)
    dated = identity.scopes is not None  # told by what tells of the dates, too
    known = Probed(dated=dated, expires_at=identity.expires_at, data_access_expires_at=identity.data_access_expires_at)
    if identity.missing:
        return replace(known, cause=REVOKED)
    if identity.unauthorised:
        return replace(known, cause=f"{REAUTH}.page_not_authorised")
    renewed = await _subscribed(login, token, whose, now, silent_since)
    if isinstance(renewed, Refusal) and _tells(renewed, account):
        return replace(known, cause=_cause(renewed, whose), code=renewed.code)
    if not isinstance(renewed, Refusal):
        known = replace(known, learnt=renewed)
    refused = await login.first_conversations_call(token, whose)
    if refused is not None and _tells(refused, account):
        return replace(known, cause=_cause(refused, whose), code=refused.code)
    return known


async def refreshed(
    login: MetaLogin, graph: Graph, token: str, now: datetime, seal: Callable[[str], str]
) -> Refreshed | Refused:
    """Exchange an Instagram Login's token for a younger one; whatever keeps Meta from that, a probe will tell of.

    https://developers.facebook.com/docs/instagram-platform/reference/refresh_access_token
    """
    url = f"{graph.instagram_url.rstrip('/')}/refresh_access_token"
    said = await login.ask(GraphRequest(method="GET", url=url, token=token, params={"grant_type": "ig_refresh_token"}))
    if isinstance(said, Refusal):
        return Refused(code=said.code, why="other")
    younger, seconds = words(said.get("access_token")), whole(said.get("expires_in"))
    if younger is None or seconds is None or seconds <= 0:
        return Refused(code="no token", why="other")
    return Refreshed(sealed=seal(younger), expires_at=now + timedelta(seconds=seconds))


async def _identity(login: MetaLogin, token: str, whose: Whose) -> Identity | Refusal:
    """Whose the token is; also where Meta does not tell what it may, for our app's secret, or its id, is wrong."""
    identity = await login.identify(token, whose)
    if isinstance(identity, Refusal) and identity.why == WRONG_APP:
        return await login.recognise(token, whose, Identity(remote_id=whose.remote_id))
    return identity


async def _subscribed(
    login: MetaLogin, token: str, whose: Whose, now: datetime, silent_since: datetime | None
) -> tuple[RawItem, ...] | Refusal:
    """See that webhooks come; what was missed while they did not is then read."""
    found = await login.subscription(token, whose)
    if isinstance(found, Refusal) or not (found.missing or silent_since):
        return found if isinstance(found, Refusal) else ()
    refused = await login.subscribe(token, whose)
    if refused is not None or not (MESSAGES in found.missing or silent_since):
        return refused if refused is not None else ()
    # Of all accounts: a Page's subscription serves Instagram as well.
    return (to_item(DeliveriesMissed(at=now, since=silent_since), int(now.timestamp() * 1_000_000)),)


def _tells(refused: Refusal, account: Account) -> bool:
    """Whether a reading call that is refused says something of the account's answers.

    With Facebook Login the granted permissions were told; a read that is refused besides holds no answers up. Of an
    account that cannot send anyway it is one more sign that it cannot.
    """
    if refused.standing is Standing.NO_ANSWER:
        return False
    permission = refused.why in (f"cause.{REVOKED}", "error.permission", "error.development")
    return not permission or account.health not in WORKING or account.login is Login.INSTAGRAM


def _cause(refused: Refusal, whose: Whose) -> str:
    if refused.standing is Standing.NO_ANSWER:
        return UNTOLD
    if refused.why in LINK:
        return f"{REAUTH}.page_link" if whose.login is Login.FACEBOOK else f"{REAUTH}.token_invalid"
    for beginning in (f"cause.{REAUTH}.", "cause.restricted"):
        if refused.why.startswith(beginning):
            return refused.why.removeprefix("cause.")
    return CAUSES.get(refused.why, UNTOLD)
