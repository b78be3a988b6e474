"""What connecting and checking an account ask Meta."""

from datetime import timedelta

import aiohttp
import pytest

from bridge.demo.meta import Account as MetaAccount
from bridge.demo.meta import MetaStandIn
from bridge.meta.graph import Graph
from bridge.meta.login import Identity, MetaLogin, Refusal, Standing, Subscription, Whose, fields_of
from bridge.model.state import Login, Platform
from bridge.wording import LANGUAGES, load
from tests.clock import MovableClock
from tests.meta.conftest import IGID, PAGE

KINDS = ["messenger", "instagram", "instagram_login"]


@pytest.fixture
def login(http: aiohttp.ClientSession, graph: Graph) -> MetaLogin:
    return MetaLogin(http=http, graph=graph)


@pytest.fixture(params=KINDS)
def account(request: pytest.FixtureRequest, meta: MetaStandIn) -> MetaAccount:
    if request.param == "messenger":
        return meta.add_page(PAGE, "Shop Hanako")
    if request.param == "instagram":
        return meta.add_instagram(IGID, "Shop Hanako", username="hanako_shop", creator=True)
    return meta.add_instagram(IGID, "Shop Hanako", username="hanako_shop", login="instagram", creator=True)


def whose(account: MetaAccount, remote_id: str | None = None) -> Whose:
    return Whose(platform=Platform(account.platform), login=Login(account.login), remote_id=remote_id or account.id)


async def test_a_token_is_its_accounts(login: MetaLogin, account: MetaAccount, clock: MovableClock) -> None:
    """I-07, M-01, M-02: with Instagram Login the id is the one that webhooks use."""
    found = await login.identify(account.token, whose(account))
    assert isinstance(found, Identity)
    assert (found.remote_id, found.name, found.missing) == (account.id, "Shop Hanako", ())
    if account.platform == "instagram":
        assert found.username == "hanako_shop"
    if account.login == "facebook":
        assert found.expires_at is None
        assert found.data_access_expires_at is not None
        assert timedelta(days=89) < found.data_access_expires_at - clock.now() <= timedelta(days=90)
    else:
        assert found.kind == "MEDIA_CREATOR"


async def test_a_token_of_another_account_is_refused(login: MetaLogin, account: MetaAccount) -> None:
    """I-07: a mismatch is impossible."""
    assert await login.identify(account.token, whose(account, "999")) == Refusal(why="connect.other_account")


async def test_a_page_without_instagram_is_named_as_such(login: MetaLogin, meta: MetaStandIn) -> None:
    """I-05, CT-20."""
    page = meta.add_page(PAGE, "Shop Hanako")
    asked = Whose(platform=Platform.INSTAGRAM, login=Login.FACEBOOK, remote_id=IGID)
    assert await login.identify(page.token, asked) == Refusal(why="connect.page_without_instagram")


@pytest.mark.parametrize(
    ("subcode", "cause"),
    [(460, "password_changed"), (458, "app_deauthorised"), (463, "token_expired"), (None, "token_invalid")],
)
@pytest.mark.parametrize("debug", [True, False])
async def test_a_dead_token_is_refused_with_its_cause(
    http: aiohttp.ClientSession, meta: MetaStandIn, graph: Graph, account: MetaAccount,
    subcode: int | None, cause: str, debug: bool,
) -> None:  # fmt: skip
    """ZM-09, ZM-10: by asking about the token, and by using it."""
    meta.revoke(account, subcode)
    known = graph if debug else Graph(facebook_url=graph.facebook_url, instagram_url=graph.instagram_url)
    found = await MetaLogin(http=http, graph=known).identify(account.token, whose(account))
    code = "190" if subcode is None else f"190/{subcode}"
    assert found == Refusal(why=f"cause.reauth.{cause}", code=code)


async def test_a_token_nobody_knows_is_refused(login: MetaLogin, account: MetaAccount) -> None:
    found = await login.identify("made-up", whose(account))
    assert found == Refusal(why="cause.reauth.token_invalid", code="190")


async def test_missing_permissions_are_named(login: MetaLogin, meta: MetaStandIn) -> None:
    """I-08, ZI-19, CT-24: each that is not granted."""
    page = meta.add_page(PAGE, "Shop Hanako")
    meta.token_of(page).scopes.discard("pages_messaging")
    found = await login.identify(page.token, whose(page))
    assert isinstance(found, Identity)
    assert found.missing == ("pages_messaging",)


async def test_a_wrong_app_secret_is_said_to_be_that(
    http: aiohttp.ClientSession, meta: MetaStandIn, graph: Graph
) -> None:
    page = meta.add_page(PAGE, "Shop Hanako")
    wrong = Graph(facebook_url=graph.facebook_url, app_id=graph.app_id, app_secrets=("not ours",))
    found = await MetaLogin(http=http, graph=wrong).identify(page.token, whose(page))
    assert found == Refusal(why="cause.secret_changed", code="190")


async def test_subscribing_lets_all_come_that_the_parser_hears(
    login: MetaLogin, meta: MetaStandIn, account: MetaAccount
) -> None:
    """ZI-08: repeated without harm; Instagram with Facebook Login rides on its Page."""
    wanted = fields_of(whose(account))
    before = await login.subscription(account.token, whose(account))
    assert before == Subscription(fields=frozenset(), missing=wanted)
    for _ in range(2):
        assert await login.subscribe(account.token, whose(account)) is None
    assert await login.subscription(account.token, whose(account)) == Subscription(fields=frozenset(wanted), missing=())
    assert meta.world.installation(account).subscribed_fields == set(wanted)


async def test_a_refused_subscription_says_why(login: MetaLogin, meta: MetaStandIn, account: MetaAccount) -> None:
    meta.faults.add(method="subscribed_apps", kind="error", error="200", times=2)
    found = await login.subscribe(account.token, whose(account))
    assert found == Refusal(why="cause.reauth.permission_revoked", code="200")


async def test_the_first_conversations_call_wakes_a_creators_webhooks(login: MetaLogin, account: MetaAccount) -> None:
    """M-28: without it nothing ever arrives."""
    assert account.awake == (account.platform == "messenger")
    assert await login.first_conversations_call(account.token, whose(account)) is None
    assert account.awake


@pytest.mark.parametrize(
    ("error", "standing"),
    [
        ("36103", Standing.NOT_ELIGIBLE),
        ("10", Standing.PENDING),
        ("200", Standing.PENDING),
        ("200/2018028", Standing.PENDING),
        ("190/460", Standing.REFUSED),
        ("613", Standing.NO_ANSWER),
    ],
)
async def test_what_may_not_be_read_yet_has_a_standing(
    login: MetaLogin, meta: MetaStandIn, account: MetaAccount, error: str, standing: Standing
) -> None:
    """M-03, I-01: not eligible and pending are states, not failures to connect."""
    meta.faults.add(method="conversations", kind="error", error=error)
    found = await login.first_conversations_call(account.token, whose(account))
    assert isinstance(found, Refusal)
    assert (found.standing, found.code) == (standing, error)


async def test_an_outage_is_no_refusal_of_the_token(login: MetaLogin, meta: MetaStandIn, account: MetaAccount) -> None:
    meta.faults.add(method="*", kind="status", status=503, times=None)
    found = await login.identify(account.token, whose(account))
    assert found == Refusal(why="connect.no_answer", code="http 503", standing=Standing.NO_ANSWER)
    await meta.stop()
    refused = await login.subscribe(account.token, whose(account))
    assert isinstance(refused, Refusal)
    assert (refused.why, refused.standing) == ("connect.no_answer", Standing.NO_ANSWER)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_of_ours_has_its_words(language: str) -> None:
    reasons = {"other_account", "other_meta_app", "person_token", "page_without_instagram", "no_answer"}
    assert {f"connect.{reason}" for reason in reasons} <= load(language).keys()
    assert "cause.secret_changed" in load(language)
