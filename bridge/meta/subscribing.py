"""Which webhooks Meta sends for an account: they are kept coming, and end once it is removed.

Rule: a Page's subscription serves the Page and the Instagram account that is linked with it; it ends with the last of them.
https://developers.facebook.com/docs/graph-api/reference/page/subscribed_apps
"""

from __future__ import annotations

from bridge.meta.errors import OUTAGE
from bridge.meta.login import MESSAGES, MetaLogin, Refusal, Standing, Subscription, whose_of
from bridge.model.decision import Job
from bridge.model.effects import KeepSubscribed
from bridge.model.facts import DeliveriesMissed
from bridge.model.outcomes import Done, Later, Outcome, Refused, Scope
from bridge.model.state import Account, Login, Platform
from bridge.ports import Clock
from bridge.rules.customers.history import to_item


async def kept(login: MetaLogin, job: Job, effect: KeepSubscribed, token: str, clock: Clock) -> Outcome:
    """Subscribe again where Meta has stopped telling us; what was missed until now is then read.

    Where somebody has just switched comments on, what Meta has granted is asked first.
    """
    account = job.account
    if account is None:
        raise TypeError("no account to hear of")
    whose = whose_of(account)
    if effect.answer is not None and whose.comments:
        identity = await login.identify(token, whose)
        if isinstance(identity, Refusal):
            return _refused(identity)
        if identity.missing:
            return Refused(code=", ".join(identity.missing), why="permission")
    found = await login.subscription(token, whose)
    told = isinstance(found, Subscription) and MESSAGES in found.fields
    if told and not (whose.comments and isinstance(found, Subscription) and found.missing):
        return Done()
    refusal = found if isinstance(found, Refusal) else await login.subscribe(token, whose)
    if refusal is not None:
        return _refused(refusal)
    if told:
        return Done()  # comments alone were not told of, which nobody wanted to hear until now
    missed = DeliveriesMissed(at=clock.now())  # of all: a Page's subscription serves Instagram as well
    return Done(learnt=(to_item(missed, int(missed.at.timestamp() * 1_000_000)),))


async def ended(login: MetaLogin, job: Job, token: str) -> Outcome:
    """Let no more webhooks come for an account that was removed, unless another that is connected hears by them."""
    account = job.account
    if account is None:
        raise TypeError("no account to be heard no more")
    shared = await _shared(login, account, job.connected, token)
    if isinstance(shared, Refusal):
        return _refused(shared)
    refusal = None if shared else await login.unsubscribe(token, whose_of(account))
    return Done() if refusal is None else _refused(refusal)


async def _shared(login: MetaLogin, account: Account, connected: tuple[Account, ...], token: str) -> bool | Refusal:
    """Whether an account that is connected hears by the same subscription; Meta knows which Page is linked with whom."""
    alike = [each for each in connected if each.login is account.login]
    if any((each.platform, each.remote_id) == (account.platform, account.remote_id) for each in alike):
        return True
    other = Platform.INSTAGRAM if account.platform is Platform.MESSENGER else Platform.MESSENGER
    beside = {each.remote_id for each in alike if each.platform is other}
    if account.login is not Login.FACEBOOK or not beside:
        return False
    linked = await login.linked(token)
    return linked if isinstance(linked, Refusal) else bool(beside & linked)


def _refused(refusal: Refusal) -> Later | Refused:
    if refusal.standing is Standing.NO_ANSWER:
        return Later(after=OUTAGE, why=refusal.code, scope=Scope.ROW)
    return Refused(code=refusal.code, why="permission")
