"""Webhooks of an account that was removed end at Meta, but where somebody who is connected hears by them."""

from bridge.model.change import replace
from bridge.model.decision import Job
from bridge.model.ids import AccountId, WorkspaceId
from bridge.model.outcomes import Done, Later, Outcome, Refused
from bridge.model.state import Account, Login, Platform
from bridge.model.upkeep import Unsubscribe
from tests.meta.conftest import WORKSPACE, Case

LINKED = "17841400000000099"


def job(case: Case, *connected: Account) -> Job:
    """The account leaves, and these are connected."""
    effect = Unsubscribe(workspace=WORKSPACE.id, account=AccountId(17))
    return replace(case.job(effect), scene=None, account=case.ours, connected=connected)


def beside(case: Case) -> Account:
    """The other account of the same Page, as far as there can be one; of an own login, what looks like one."""
    if case.account.platform == "messenger":
        case.meta.add_instagram(LINKED, "Shop", page=case.account.id)
        return replace(case.ours, id=AccountId(18), platform=Platform.INSTAGRAM, remote_id=LINKED)
    page = case.account.page or LINKED
    return replace(case.ours, id=AccountId(18), platform=Platform.MESSENGER, login=Login.FACEBOOK, remote_id=page)


async def left(case: Case, *connected: Account) -> tuple[Outcome, bool]:
    """How it ended, and whether Meta goes on telling."""
    there = case.meta.world.installation(case.account)
    there.subscribed_fields = {"messages"}
    return await case.network.mind(job(case, *connected)), bool(there.subscribed_fields)


async def test_webhooks_end_with_the_last_who_hears_by_them(case: Case) -> None:
    """ZI-28, ZI-29: neither a stranger of the same login keeps them, nor, with Instagram Login, any Page."""
    stranger = replace(case.ours, id=AccountId(19), remote_id="1")
    other = Platform.INSTAGRAM if case.ours.platform is Platform.MESSENGER else Platform.MESSENGER
    assert await left(case) == (Done(), False)
    assert await left(case, stranger, replace(stranger, platform=other)) == (Done(), False)
    assert await left(case, beside(case)) == (Done(), case.ours.login is Login.FACEBOOK)


async def test_webhooks_stay_where_the_account_is_connected_in_another_workspace(case: Case) -> None:
    """ZI-28: by the same login; by another one it is told of in another way."""
    elsewhere = replace(case.ours, id=AccountId(20), workspace=WorkspaceId("T2"))
    assert await left(case, elsewhere) == (Done(), True)
    if case.ours.platform is Platform.INSTAGRAM:
        own = Login.FACEBOOK if case.ours.login is Login.INSTAGRAM else Login.INSTAGRAM
        assert await left(case, replace(elsewhere, login=own)) == (Done(), False)


async def test_what_meta_refuses_is_over_and_without_a_token_nothing_is_asked(case: Case) -> None:
    """ZI-29: a login that has died is no reason to try for ever; without an answer it is tried again."""
    assert isinstance(await case.network.mind(replace(job(case), sealed="not to be opened")), Refused)
    fault = case.meta.faults.add(method="subscribed_apps", kind="reset_before", times=None)
    assert isinstance((await left(case))[0], Later)
    case.meta.faults.remove(fault)
    case.meta.revoke(case.account)
    assert isinstance((await left(case))[0], Refused)
    asked = len(case.meta.calls)
    assert await case.network.mind(replace(job(case), sealed=None)) == Done()
    assert len(case.meta.calls) == asked
