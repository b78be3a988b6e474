"""What every journey finds: people and channels in Slack, three connected accounts, and the settings of the service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

import sqlalchemy as sa

from bridge.config import Config, Secret
from bridge.demo.meta import MetaStandIn
from bridge.demo.slack import SlackStandIn
from bridge.model.decision import Moment
from bridge.model.ids import PlaceRef, WorkspaceId
from bridge.model.state import AccountSettings, Health, Login, Platform
from bridge.secrets import Sealer, keygen
from bridge.store import accounts, schema
from bridge.store.transaction import Tx
from tests.clock import MovableClock

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

Kind = Literal["messenger", "instagram", "instagram_login"]
"""The three ways a customer can be reached: a Page, Instagram by Facebook Login, Instagram by its own login."""
KINDS: tuple[Kind, ...] = ("messenger", "instagram", "instagram_login")

QUICK = {
    "card_pause": timedelta(milliseconds=50),
    "rest": timedelta(milliseconds=100),
    "alert_rest": timedelta(milliseconds=100),
    "read_pause": timedelta(milliseconds=50),
    "judging": timedelta(milliseconds=500),
}
"""What would only make tests slow; a test about these times sets them itself."""

TEAM, SUPPORT, OTHER, ALERTS = "T0DEMO", "C0SUPPORT", "C0OTHER", "C0ALERTS"
AKI, KEN, GUEST, STRANGER, BOT = "U0AKI", "U0KEN", "U0GUEST", "U0STRANGER", "U0ROBOT"
CHECK, HOURGLASS, CROSS, QUESTION, LOCK = (
    "white_check_mark",
    "hourglass_flowing_sand",
    "x",
    "grey_question",
    "lock",
)

NO_ROOM = {
    "sqlite": "CREATE TRIGGER no_room BEFORE INSERT ON inbox BEGIN SELECT RAISE(ABORT, 'no room'); END",
    "postgresql": """
        CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no room'; END $$;
        CREATE TRIGGER no_room BEFORE INSERT ON inbox FOR EACH ROW EXECUTE FUNCTION no_room()""",
}
ACCOUNTS: dict[Kind, str] = {
    "messenger": "104857600000001",
    "instagram": "17841400000000001",
    "instagram_login": "17841400000000002",
}


@dataclass
class Times:
    """The test's clock as the store wants it."""

    clock: MovableClock

    def now(self) -> Any:
        return self.clock.now()

    def steady(self) -> Any:
        return self.clock.now()

    async def refresh(self) -> None:
        """Nothing to ask."""


def hand_of(tx: Tx, times: Times) -> accounts.Hand:
    """The test as the operator."""
    return accounts.Hand(tx=tx, moment=Moment(now=times.now(), steady=times.steady()), who="test")


def ids_of(kind: Kind) -> tuple[Platform, str]:
    return (Platform.MESSENGER if kind == "messenger" else Platform.INSTAGRAM), ACCOUNTS[kind]


def config_of(database_url: str, slack: SlackStandIn, meta: MetaStandIn, clock_url: str, settings: Any) -> Config:
    given: dict[str, Any] = {
        "database_url": database_url,
        "secret_key": Secret(keygen()),
        "slack_bot_token": Secret("xoxb-demo"),
        "slack_signing_secret": Secret("slack-secret"),
        "meta_app_id": meta.app_id,
        "meta_app_secret": Secret(meta.app_secret),
        "meta_verify_token": Secret(meta.verify_token),
        "slack_api_url": slack.api_url,
        "graph_url": meta.graph_url,
        "instagram_graph_url": meta.instagram_graph_url,
        "facebook_url": meta.facebook_url,
        "instagram_url": meta.instagram_url,
        "instagram_api_url": meta.instagram_api_url,
        "clock_url": clock_url,
        "media_hosts": (urlsplit(meta.url).netloc,),
        "port": 0,
        "slack_posts_per_second": 0,
        "slack_posts_per_minute": 0,
    }
    return Config(**{**given, **settings})


def furnish(slack: SlackStandIn) -> None:
    slack.add_user(AKI, "aki", display_name="Aki")
    slack.add_user(KEN, "ken", display_name="Ken")
    slack.add_user(GUEST, "gus", display_name="Gus", guest=True)
    slack.add_user(STRANGER, "sam", display_name="Sam", stranger=True)
    slack.add_user(BOT, "robot", bot=True)
    everybody = (AKI, KEN, GUEST, STRANGER, BOT)
    slack.add_channel(SUPPORT, "support", members=everybody)
    slack.add_channel(OTHER, "support-2", members=everybody)
    slack.add_channel(ALERTS, "support-alerts", members=(AKI, KEN))


def add_accounts(meta: MetaStandIn) -> None:
    """Let Meta know the three accounts."""
    meta.add_page(ACCOUNTS["messenger"], "Hanako Flowers", token="EAAG-flowers", subscribed=True)
    meta.add_page("104857600000002", "Shop Hanako Page", token="EAAG-shop", subscribed=True)
    meta.add_instagram(
        ACCOUNTS["instagram"], "Shop Hanako", username="shop_hanako", login="facebook",
        token="EAAG-shop", page="104857600000002", subscribed=True,
    )  # fmt: skip
    meta.add_instagram(
        ACCOUNTS["instagram_login"], "Hanako Studio", username="hanako_studio", login="instagram",
        token="IGAA-studio", page=None, subscribed=True,
    )  # fmt: skip


def connect(hand: accounts.Hand, config: Config, slack: SlackStandIn, meta: MetaStandIn) -> None:
    """Connect them, as the command does."""
    hand.conn.execute(
        sa.insert(schema.workspace).values(
            id=TEAM, name="Hanako", url="https://hanako.slack.com/", language=config.language,
            bot_person=slack.world.names.bot_user_id, bot_author=slack.world.names.bot_id,
        )
    )  # fmt: skip
    sealer = Sealer(config.secret_key.values)
    for kind in KINDS:
        platform, remote_id = ids_of(kind)
        accounts.connect(
            hand,
            accounts.Connecting(
                workspace=WorkspaceId(TEAM),
                platform=platform,
                remote_id=remote_id,
                name=meta.accounts[remote_id].name,
                login=Login.INSTAGRAM if kind == "instagram_login" else Login.FACEBOOK,
                health=Health.READY,
                cause=None,
                sealed=sealer.seal(str(meta.accounts[remote_id].token)),
                settings=AccountSettings(channel=PlaceRef(SUPPORT), alerts_channel=PlaceRef(ALERTS)),
            ),
        )
