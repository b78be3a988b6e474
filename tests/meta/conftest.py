"""The stand-in of Meta, and jobs for its customers."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

import aiohttp
import pytest

from bridge.demo.meta import Account as MetaAccount
from bridge.demo.meta import Customer as MetaCustomer
from bridge.demo.meta import MetaStandIn
from bridge.meta.graph import Graph
from bridge.meta.network import MetaNetwork
from bridge.model.decision import Job, Scene, Tag
from bridge.model.effects import AnyEffect, LearnProfile, LookForSend, SendToCustomer
from bridge.model.ids import AccountId, ConversationId, CustomerId, MessageId, PersonRef, PlaceRef, WorkspaceId
from bridge.model.state import (
    Account,
    AccountSettings,
    Conversation,
    Customer,
    Health,
    Login,
    Platform,
    Wish,
    Workspace,
)
from tests.clock import MovableClock

PAGE, IGID = "104857600000001", "17841400000000077"
WORKSPACE = Workspace(
    id=WorkspaceId("T1"),
    name="Desk",
    url="https://d.slack.com/",
    language="en",
    bot_person=PersonRef("U1"),
    bot_author="B1",
)


class TestClock:
    """The port's clock over one that a test moves."""

    __test__ = False

    def __init__(self, clock: MovableClock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.now()

    def steady(self) -> datetime:
        return self._clock.now()

    async def refresh(self) -> None:
        return


@dataclass(kw_only=True)
class Case:
    """One account of the stand-in, as the bridge knows it, and one of its customers."""

    meta: MetaStandIn
    account: MetaAccount
    customer: MetaCustomer
    network: MetaNetwork
    clock: MovableClock

    @property
    def ours(self) -> Account:
        return Account(
            id=AccountId(17),
            workspace=WORKSPACE.id,
            platform=Platform(self.account.platform),
            remote_id=self.account.id,
            name=self.account.name,
            login=Login(self.account.login),
            wish=Wish.ON,
            health=Health.READY,
            cause=None,
            settings=AccountSettings(channel=PlaceRef("C1")),
        )

    def use_up(self, percent: int | None, *, regain_minutes: int = 0) -> None:
        """Let the headers show so much usage: of the Page, where one stands behind the account."""
        for account in (self.account, self.meta.world.installation(self.account)):
            self.meta.use_up(account, percent, regain_minutes=regain_minutes)

    def job(self, effect: AnyEffect, *, text: str | None = None, tag: Tag | None = None, row: int = 42) -> Job:
        """A job as the deliver loop hands it over; the sealed token is the token, spelt backwards."""
        conversation = Conversation(
            id=ConversationId(3), workspace=WORKSPACE.id, account=AccountId(17), customer=CustomerId(5)
        )
        customer = Customer(id=CustomerId(5), remote_id=self.customer.id)
        scene = Scene(workspace=WORKSPACE, account=self.ours, customer=customer, conversation=conversation)
        token = self.meta.token_of(self.account).value
        return Job(
            row=row, effect=effect, attempts=0, scene=scene, workspace=WORKSPACE, text=text, tag=tag, sealed=token[::-1]
        )

    def send(self, text: str = "承知しました", *, tag: Tag | None = None, row: int = 42) -> Job:
        effect = SendToCustomer(
            workspace=WORKSPACE.id, conversation=ConversationId(3), account=AccountId(17), message=MessageId(9), part=1
        )
        return self.job(effect, text=text, tag=tag, row=row)

    def look(self, since: datetime) -> Job:
        return self.job(
            LookForSend(workspace=WORKSPACE.id, conversation=ConversationId(3), account=AccountId(17), since=since)
        )

    def learn(self) -> Job:
        return self.job(
            LearnProfile(
                workspace=WORKSPACE.id, account=AccountId(17), customer=CustomerId(5), conversation=ConversationId(3)
            )
        )


def seal(token: str) -> str:
    """How these tests seal a token."""
    return token[::-1]


def unseal(sealed: str) -> str:
    if not sealed or sealed.startswith("?"):
        raise ValueError("not sealed with this key")
    return sealed[::-1]


@pytest.fixture
async def meta(clock: MovableClock) -> AsyncIterator[MetaStandIn]:
    standin = MetaStandIn(clock=clock.time, instagram_app_secret="instagram-secret")
    await standin.start()
    yield standin
    await standin.stop()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def graph(meta: MetaStandIn) -> Graph:
    return Graph(
        facebook_url=meta.graph_url,
        instagram_url=meta.instagram_graph_url,
        app_id=meta.app_id,
        app_secrets=(meta.app_secret,),
    )


@pytest.fixture
def network(http: aiohttp.ClientSession, graph: Graph, clock: MovableClock) -> MetaNetwork:
    return MetaNetwork(http=http, graph=graph, clock=TestClock(clock), open_token=unseal, seal_token=seal)


def add_account(meta: MetaStandIn, kind: str, *, human_agent: bool = False) -> MetaAccount:
    """One account of each kind: messenger, instagram by facebook, instagram by instagram."""
    if kind == "messenger":
        return meta.add_page(PAGE, "Shop Hanako", human_agent=human_agent, subscribed=True)
    login = "facebook" if kind == "instagram" else "instagram"
    return meta.add_instagram(IGID, "Shop Hanako", login=login, human_agent=human_agent, subscribed=True)  # type: ignore[arg-type]


@pytest.fixture(params=["messenger", "instagram", "instagram_login"])
async def case(request: pytest.FixtureRequest, meta: MetaStandIn, network: MetaNetwork, clock: MovableClock) -> Case:
    """A customer who has just written, on each kind of account."""
    account = add_account(meta, request.param, human_agent=True)
    customer = meta.add_customer(account, name="Hanako Sato", username="hanako")
    await meta.write(customer, "在庫ありますか？")
    return Case(meta=meta, account=account, customer=customer, network=network, clock=clock)
