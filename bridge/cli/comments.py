"""What `accounts set … comments=on` asks of Meta before it is kept: the permission, and the comments' webhooks."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from bridge.chosen import graph_of
from bridge.cli.answers import CommandError
from bridge.cli.base import Bench
from bridge.cli.connect import sentence
from bridge.meta.login import MetaLogin, Refusal, whose_of
from bridge.model.state import Account
from bridge.secrets import Sealer, SealError
from bridge.settings import subject
from bridge.store import accounts as stored


async def subscribe_to_comments(bench: Bench, account: Account) -> None:
    """Let the account's comments come, or no longer, as its settings say; CommandError: they cannot come.

    That they go on coming does no harm: without the setting they are counted, and not shown.
    """
    bench.config.require(("BRIDGE_SECRET_KEY", "META_APP_SECRET"))
    token = await token_of(bench, account)
    meta, whose = MetaLogin(http=bench.http, graph=graph_of(bench.config)), whose_of(account)
    if token is None:
        if whose.comments:
            raise _refused(account, "no token is kept for it that can be opened: `threadbridge accounts add` renews it")
        return
    if whose.comments:
        identity = await meta.identify(token, whose)
        if isinstance(identity, Refusal):
            raise _refused(account, _why(account, identity))
        if identity.missing:
            mend = "grant it to the app (App Review), connect the account again, and set this once more"
            raise _refused(account, f"Meta has not granted {', '.join(identity.missing)}: {mend}")
    refusal = await meta.subscribe(token, whose)
    if refusal is not None and whose.comments:
        raise _refused(account, _why(account, refusal))


async def token_of(bench: Bench, account: Account) -> str | None:
    """The account's access token; None: there is none that can be opened."""

    def look(conn: Connection) -> str | None:
        return stored.sealed_of(conn, account.id)

    sealed = await bench.read(look)
    try:
        return None if sealed is None else Sealer(bench.config.secret_key.values).open(sealed)
    except SealError:
        return None


def _why(account: Account, refusal: Refusal) -> str:
    code = f" (Meta's code {refusal.code})" if refusal.code else ""
    return f"{sentence(refusal.why, account.platform, account.name)}{code}"


def _refused(account: Account, why: str) -> CommandError:
    return CommandError(f"{subject(account)}: its comments cannot be shown, nothing was changed: {why}")
