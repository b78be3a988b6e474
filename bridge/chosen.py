"""What the operator's settings mean to the parts that heed them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp

from bridge.config import Config, ConfigError
from bridge.connect.links import Links
from bridge.examining import Examining
from bridge.installing import Installing
from bridge.meta.files import TABLES
from bridge.meta.graph import Graph
from bridge.meta.login import MetaLogin
from bridge.meta.oauth import Apps
from bridge.meta.render import MARKS, WIRE_LIMITS
from bridge.model.decision import Rules
from bridge.model.errors import UnusableSetting
from bridge.model.ids import PlaceRef
from bridge.model.pace import Pace
from bridge.ports import Clock
from bridge.secrets import Sealer
from bridge.sinks import Sink, Sinks
from bridge.sinks.mail import Mail, server_of
from bridge.sinks.reach import Reach, reaching
from bridge.sinks.tickets import TicketSinks
from bridge.sinks.webhook import Webhook, address_of
from bridge.slack.oauth import SlackOAuth
from bridge.slack.pace import CALLS_PER_MINUTE
from bridge.slack.refs import permalink
from bridge.store.icons import PATH
from bridge.store.store import SqlStore
from bridge.tenants import Tenants


def pace_of(config: Config) -> Pace:
    """The operator's pace; 0 lifts it."""
    return Pace(
        posts_per_second=config.slack_posts_per_second or None,
        posts_per_minute=config.slack_posts_per_minute or None,
        calls_per_minute=CALLS_PER_MINUTE,
    )


def graph_of(config: Config) -> Graph:
    """Where Meta is, and how we sign."""
    return Graph(
        facebook_url=config.graph_url,
        instagram_url=config.instagram_graph_url,
        version=config.graph_version,
        app_id=config.meta_app_id,
        app_secrets=config.meta_app_secret.values,
    )


def apps_of(config: Config) -> Apps:
    """Where people log in at Meta, and as which apps we stand there."""
    return Apps(
        facebook_url=config.facebook_url,
        instagram_url=config.instagram_url,
        instagram_api_url=config.instagram_api_url,
        facebook_app=config.meta_app_id,
        facebook_secret=config.meta_app_secret.first if config.meta_app_secret else None,
        config_id=config.meta_login_config_id,
        instagram_app=config.instagram_app_id,
        instagram_secret=config.instagram_app_secret.first if config.instagram_app_secret else None,
    )


def links_of(config: Config, clock: Clock) -> Links:
    """Who makes the links by which accounts are connected."""
    return Links(sealer=Sealer(config.secret_key.values), public_url=config.public_url, now=clock.now)


def icons_of(config: Config) -> str:
    """Where accounts' pictures are reached by Slack, which takes them by https alone; empty: nowhere."""
    url = config.public_url or ""
    return f"{url}{PATH}/" if url.startswith("https://") or (url and config.stands_alone) else ""


def rules_of(config: Config) -> Rules:
    """The house's times, and what the operator set of them."""
    ops = config.ops_channel
    apps = frozenset(filter(None, (config.meta_app_id, config.instagram_app_id)))
    return Rules(
        icons=icons_of(config),
        routes_per_channel=config.routes_per_channel,
        loopback=config.stands_alone,
        mail=bool(config.smtp_url),
        wire=WIRE_LIMITS,
        files=TABLES,
        marks=MARKS,
        apps=apps,
        ops_place=PlaceRef(ops) if ops else None,
        sinks=sinks_of(config),
    )


@asynccontextmanager
async def tickets_of(config: Config, clock: Clock, open_secret: Callable[[str], str]) -> AsyncIterator[TicketSinks]:
    """Where tickets go, by connections of their own."""
    reach = Reach(loopback=config.stands_alone)
    smtp = config.smtp_url.first if config.smtp_url else None
    async with reaching(reach) as http:
        yield TicketSinks(
            http=http,
            reach=reach,
            now=clock.now,
            open_secret=open_secret,
            permalink=permalink,
            mail=lambda to: None if smtp is None else server_of(smtp, to),
        )


def outside_of(config: Config, http: aiohttp.ClientSession, clock: Clock, tickets: Sink) -> Sinks:
    """Who is told that Slack itself cannot be reached; ConfigError says what is wrong with where they are."""
    ways: dict[str, Sink] = {}
    if (mail := mail_of(config)) is not None:
        ways["mail"] = mail
    if (webhook := webhook_of(config, http, clock)) is not None:
        ways["webhook"] = webhook
    return Sinks(ways=ways, tickets=tickets)


def mail_of(config: Config) -> Mail | None:
    """By e-mail, where both the server and an address are set."""
    if not config.smtp_url or config.alert_email is None:
        return None
    try:
        return Mail(server=server_of(config.smtp_url.first, config.alert_email), to=config.alert_email)
    except UnusableSetting as wrong:
        raise ConfigError(f"BRIDGE_SMTP_URL {wrong}") from None


def webhook_of(config: Config, http: aiohttp.ClientSession, clock: Clock) -> Webhook | None:
    """By a POST, where its address is set."""
    if not config.alert_webhook_url:
        return None
    try:
        url, key = address_of(config.alert_webhook_url.first)
    except UnusableSetting as wrong:
        raise ConfigError(f"BRIDGE_ALERT_WEBHOOK_URL {wrong}") from None
    return Webhook(http=http, url=url, key=key, now=clock.now)


def sinks_of(config: Config) -> tuple[str, ...]:
    """Their names."""
    mail = bool(config.smtp_url) and config.alert_email is not None
    return (*(["mail"] if mail else []), *(["webhook"] if config.alert_webhook_url else []))


def tenants_of(config: Config, http: aiohttp.ClientSession, open_token: Callable[[str], str]) -> Tenants:
    """Which token speaks for which workspace."""
    single = None if config.by_oauth or not config.slack_bot_token else config.slack_bot_token.first
    return Tenants(single=single, base_url=config.slack_api_url, http=http, open_token=open_token)


def installing_of(
    config: Config, store: SqlStore, clock: Clock, http: aiohttp.ClientSession, changed: Callable[[], Awaitable[None]]
) -> Installing | None:
    """Who takes installations in; None: the app is not installed by OAuth."""
    if not config.slack_client_id or not config.slack_client_secret:
        return None
    client, secret, base_url = config.slack_client_id, config.slack_client_secret.first, config.slack_api_url
    return Installing(
        store=store,
        clock=clock,
        sealer=Sealer(config.secret_key.values),
        oauth=SlackOAuth(client_id=client, client_secret=secret, base_url=base_url, http=http),
        http=http,
        base_url=base_url,
        language=config.language,
        changed=changed,
    )


def examining_of(config: Config, store: SqlStore, http: aiohttp.ClientSession) -> Examining:
    """Who asks Meta how an account stands."""
    meta = MetaLogin(http=http, graph=graph_of(config))
    return Examining(store=store, sealer=Sealer(config.secret_key.values), meta=meta)
