"""What the network says of an account at this moment, for somebody who asks on the desk."""

from __future__ import annotations

from bridge.meta.login import READING, MetaLogin, Refusal, Standing, whose_of
from bridge.model.state import Account, Login, Platform, Said
from bridge.model.survey import Examined
from bridge.model.word import Word
from bridge.secrets import Sealer, SealError
from bridge.store import accounts as stored
from bridge.store.store import SqlStore
from bridge.wording import Wording

UNLINKED = frozenset({"connect.page_without_instagram", "cause.reauth.page_link", "connect.other_account"})
"""Why an Instagram account is not the one that is linked with its Page."""
NO_TOKEN = Said(key="command.check_no_token")


class Examining(Word, kw_only=True):
    """Asks Meta with the token that is kept; changes nothing (`bridge.slack.setup.around.Examiner`)."""

    store: SqlStore
    sealer: Sealer
    meta: MetaLogin

    async def account(self, account: Account) -> Examined:
        """Whose the token is, what it may, and which webhooks come."""
        async with self.store.reading() as connection:
            sealed = await connection.run_sync(lambda conn: stored.sealed_of(conn, account.id))
        if sealed is None:
            return Examined(wrong=(NO_TOKEN,))
        try:
            token = self.sealer.open(sealed)
        except SealError:
            return Examined(wrong=(Said(key="cause.reauth.token_unreadable"),))
        whose = whose_of(account)
        identity = await self.meta.identify(token, whose)
        needs_page = account.platform is Platform.INSTAGRAM and account.login is Login.FACEBOOK
        if isinstance(identity, Refusal):
            linked = False if needs_page and identity.why in UNLINKED else None
            return Examined(wrong=(_refused(identity),), linked=linked)
        found = []
        if identity.missing:
            found.append(Said(key="command.check_permissions", values={"names": ", ".join(identity.missing)}))
        elif identity.unauthorised:
            found.append(Said(key="cause.reauth.page_not_authorised"))
        subscription = await self.meta.subscription(token, whose)
        if isinstance(subscription, Refusal):
            found.append(_refused(subscription))
        elif missing := [each for each in subscription.missing if each not in READING]:
            found.append(Said(key="command.check_webhooks", values={"names": ", ".join(missing)}))
        return Examined(wrong=tuple(found), linked=True if needs_page else None)


def _refused(refusal: Refusal) -> Said:
    """Why Meta said no; its own code where there is nothing better."""
    if refusal.why in Wording("en") and refusal.why != "error.other":
        return Said(key=refusal.why)
    if refusal.standing is Standing.NO_ANSWER:
        return Said(key="connect.no_answer")
    return Said(key="command.check_code", values={"code": refusal.code})
