"""The one place that knows every part: builds them, joins them, runs them, and closes them in order."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Literal

import aiohttp
import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry

from bridge.check import needed_scopes
from bridge.chosen import (
    apps_of,
    examining_of,
    graph_of,
    installing_of,
    links_of,
    outside_of,
    pace_of,
    rules_of,
    tenants_of,
    tickets_of,
)
from bridge.clock import RemoteClock, SystemClock
from bridge.config import Config
from bridge.connect.choosing import Choosing
from bridge.connect.install import InstallPages
from bridge.connect.pages import Pages, addresses
from bridge.connect.status import DeletionStatus
from bridge.connect.steps import Steps
from bridge.connect.work import Work
from bridge.hearing import homes_of, slack_door, sockets_of
from bridge.icons import IconPages
from bridge.installing import Installing, Renewing
from bridge.media.fetch import MediaFetcher
from bridge.media.hosts import Hosts
from bridge.meta import callbacks
from bridge.meta.intake import Intake as MetaIntake
from bridge.meta.login import MetaLogin
from bridge.meta.network import MetaNetwork
from bridge.meta.oauth import MetaOAuth
from bridge.meta.parse import MetaParser
from bridge.model.change import asdict
from bridge.model.decision import Rules
from bridge.model.errors import StoreUnavailable
from bridge.model.word import Word
from bridge.ports import Parser
from bridge.rules.customers import history
from bridge.secrets import OPEN_TOKENS, Sealer
from bridge.slack.desk import SlackDesk
from bridge.slack.intake import SlackIntake
from bridge.slack.parse import SlackParser
from bridge.slack.refs import REFS
from bridge.slack.sockets import Sockets
from bridge.store import health
from bridge.store.alerts import OwnFacts
from bridge.store.engine import claim_service, is_sqlite, parse
from bridge.store.icons import SqlIcons
from bridge.store.prune import prune
from bridge.store.store import SqlStore, open_store
from bridge.telemetry import Metrics
from bridge.tenants import Workspaces, installed_now
from bridge.ticketing.status import TicketStatus
from bridge.web import Vitals, timed
from bridge.workers import gaps, ticketing
from bridge.workers.base import Bell, Tools
from bridge.workers.decide import Decider
from bridge.workers.deliver import Deliverer
from bridge.workers.forget import Forgetter
from bridge.workers.homes import Homekeeper
from bridge.workers.ops import Knocks, tell_of_knocks
from bridge.workers.tick import Ticker, after_start

Role = Literal["all", "web", "worker"]
log = structlog.get_logger("bridge")

FORGET_EVERY = timedelta(hours=1)
LOOK_EVERY = 2.0
"""Seconds (real time) between two looks at a clock that may be moved."""
GRACE = 10.0
"""Seconds (real time) that what is in flight gets to end after SIGTERM."""
LONGEST_BODY = 32 * 1024 * 1024 + 1
"""The web server's own limit; each intake has its own below it."""
CONNECTIONS = 320
"""To all hosts together; one session serves every call."""


class Parts(Word, kw_only=True):
    """What a running service is made of."""

    config: Config
    store: SqlStore
    tools: Tools
    workspaces: Workspaces
    metrics: Metrics
    knocks: Knocks
    http: aiohttp.ClientSession


@asynccontextmanager
async def assembled(config: Config, rules: Rules | None = None) -> AsyncIterator[Parts]:
    """Build every part, joined; closed in the opposite order."""
    async with AsyncExitStack() as stack:
        connector, cookies = aiohttp.TCPConnector(limit=CONNECTIONS), aiohttp.DummyCookieJar()
        http = await stack.enter_async_context(aiohttp.ClientSession(connector=connector, cookie_jar=cookies))
        clock = await RemoteClock.open(config.clock_url, http) if config.clock_url else SystemClock()
        store = await open_store(config.database_url, clock=clock, pace=pace_of(config))
        stack.push_async_callback(store.close)
        clock.catch_up(await last_steady(store) or clock.steady())
        await store.repace()
        metrics, knocks = Metrics(CollectorRegistry()), Knocks(clock.steady)
        metrics.unsigned = knocks.refused
        sealer, links = Sealer(config.secret_key.values), links_of(config, clock)
        open_token = lru_cache(OPEN_TOKENS)(sealer.open)
        tenants = tenants_of(config, http, open_token)
        tenants.read = partial(installed_now, store)
        files = await stack.enter_async_context(MediaFetcher.opened(Hosts.of(config.media_hosts)))
        tickets = await stack.enter_async_context(tickets_of(config, clock, open_token))
        homes = homes_of(store, clock, links, mail=bool(config.smtp_url))
        tools = Tools(
            store=store,
            clock=clock,
            given=rules or rules_of(config),
            desk=SlackDesk(tenants.client_for, now=clock.now, links=links, homes=homes, open_secret=open_token),
            outside=outside_of(config, http, clock, tickets),
            network=MetaNetwork(
                http=http, graph=graph_of(config), clock=clock, open_token=open_token, seal_token=sealer.seal
            ),
            media=files,
            refs=REFS,
            parsers=parsers(),
            desk_source="slack",
            told=metrics,
        )
        workspaces = Workspaces(store=store, tenants=tenants, language=config.language)
        await workspaces.read()
        yield Parts(
            config=config,
            store=store,
            tools=tools,
            workspaces=workspaces,
            metrics=metrics,
            knocks=knocks,
            http=http,
        )


def parsers() -> dict[str, Parser]:
    """Who reads what was kept, by where it came from."""
    return {
        "meta": MetaParser(),
        "slack": SlackParser(),
        "bridge": OwnFacts(),
        gaps.SOURCE: gaps.Gaps(),
        history.SOURCE: gaps.Missed(),
        callbacks.SOURCE: callbacks.LoginParser(),
        ticketing.SOURCE: ticketing.TicketParser(),
    }


async def last_steady(store: SqlStore) -> datetime | None:
    """How far the steady clock of former processes had come."""
    async with store.reading() as connection:
        return await connection.run_sync(health.steady)


async def serve(
    config: Config,
    role: Role = "all",
    *,
    stop: asyncio.Event,
    ready: Callable[[str], None] = lambda _: None,
    rules: Rules | None = None,
    first: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Run until *stop* is set. *ready* hears the address once requests are taken.

    first: done as soon as this is known to be the one service on its database, before anything else.
    Raises AlreadyRunning, StoreUnavailable, WrongSchema, ConfigError; a loop that dies takes the service with it.
    """
    with claim_service(config.database_url):
        if first is not None:
            await first()
        async with assembled(config, rules) as parts, asyncio.TaskGroup() as tasks:
            vitals = vitals_of(parts, role)
            background = [tasks.create_task(parts.workspaces.follow()), tasks.create_task(vitals.beat())]
            if role in ("all", "worker"):
                background.append(tasks.create_task(forget_in_time(parts)))
                if (installing := by_installing(parts)) is not None:
                    background.append(tasks.create_task(Renewing(installing=installing).run()))
            if isinstance(parts.tools.clock, RemoteClock):
                background.append(tasks.create_task(parts.tools.clock.follow(parts.tools.leapt.ring)))
            workers = Workers(parts) if role in ("all", "worker") else None
            if workers is not None:
                await workers.start(tasks)
            door = door_of(parts, tasks) if role in ("all", "web") else None
            if door is not None:
                background.append(tasks.create_task(tell_of_knocks(parts.tools, parts.knocks)))
            sockets = None if door is None else by_sockets(parts, door)
            if sockets is not None:
                vitals.unreached = sockets.deaf
                tasks.create_task(sockets.run())
            runners = await listen(parts, vitals, door)
            ready(_address(runners[0]))
            await stop.wait()
            log.info("service.stopping")
            if sockets is not None:
                sockets.end()
            for runner in runners:
                await runner.cleanup()
            if workers is not None:
                await workers.end()
            for task in background:
                task.cancel()


async def forget_in_time(parts: Parts) -> None:
    """Apply the retention times now and every hour, for ever; a database that is away is asked again."""
    config, clock = parts.config, parts.tools.clock
    last = None
    while True:
        if last is None or clock.steady() - last >= FORGET_EVERY:
            last = clock.steady()
            with contextlib.suppress(StoreUnavailable):
                gone = await prune(parts.store, clock.now(), raw=config.retention_raw, words=config.retention_words)
                if any(asdict(gone).values()):
                    await parts.store.checkpoint()  # or it would stand on in the database's own log
        await asyncio.sleep(LOOK_EVERY)


class Workers:
    """The loops, started and ended together."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._bells = (Bell(), Bell())
        self._decider = Decider(parts.tools, self._bells[0])
        self._deliverer = Deliverer(parts.tools, self._bells[1])
        self._ticker = Ticker(parts.tools)
        self._tasks: list[asyncio.Task[Any]] = []

    async def start(self, tasks: asyncio.TaskGroup) -> None:
        """Take up what a former process left, then start."""
        parts = self._parts
        for bell in self._bells:
            parts.store.on_wake(bell.ring)
        await parts.store.write(lambda tx: after_start(tx, parts.tools, tuple(parts.workspaces.known)))
        loops: tuple[Coroutine[Any, Any, None], ...] = (
            self._decider.run(),
            self._ticker.run(),
            Forgetter(parts.tools).run(),
            Homekeeper(parts.tools).run(),
            self._deliverer.run(),
        )
        self._tasks = [tasks.create_task(loop) for loop in loops]

    async def end(self) -> None:
        """Take nothing new; give what is in flight its grace."""
        *others, deliver = self._tasks
        for task in others:
            task.cancel()
        self._deliverer.stop()
        await asyncio.wait([deliver], timeout=GRACE)
        deliver.cancel()


def vitals_of(parts: Parts, role: Role) -> Vitals:
    """The process's signs of life."""
    address = parse(parts.config.database_url)
    folder = Path(address.database or "").absolute().parent if is_sqlite(address) else None
    return Vitals(store=parts.store, clock=parts.tools.clock, metrics=parts.metrics, role=role, folder=folder)


def door_of(parts: Parts, tasks: asyncio.TaskGroup) -> SlackIntake:
    """Who takes in what Slack has to say."""
    return slack_door(
        store=parts.store,
        tools=parts.tools,
        workspaces=parts.workspaces.all,
        client_for=parts.workspaces.tenants.client_for,
        probe_for=parts.workspaces.tenants.probe_for,
        examiner=examining_of(parts.config, parts.store, parts.http),
        secrets=parts.config.slack_signing_secret.values,
        tasks=tasks,
        endings=by_installing(parts),
        seal=Sealer(parts.config.secret_key.values).seal,
        links=links_of(parts.config, parts.tools.clock),
    )


def by_installing(parts: Parts) -> Installing | None:
    """Who takes installations in; None: there is one workspace, by its token."""
    return installing_of(parts.config, parts.store, parts.tools.clock, parts.http, parts.workspaces.read)


def by_sockets(parts: Parts, door: SlackIntake) -> Sockets | None:
    """The sockets by which Slack reaches us; None: it is by HTTP."""
    tokens, base_url = parts.config.slack_app_token.values, parts.config.slack_api_url
    return sockets_of(door, tokens=tokens, base_url=base_url, http=parts.http, metrics=parts.metrics)


async def listen(parts: Parts, vitals: Vitals, door: SlackIntake | None) -> list[web.AppRunner]:
    """Open the door: webhooks where this process takes them, health and figures in every process."""
    config = parts.config
    app = web.Application(client_max_size=LONGEST_BODY)
    vitals.add_health(app.router)
    if door is not None:
        MetaIntake(
            store=parts.store,
            clock=parts.tools.clock,
            app_secrets=config.meta_secrets,
            verify_tokens=config.meta_verify_token.values,
            heard=vitals.accounts,
        ).add_routes(app.router, around=partial(timed, parts.metrics, "meta"))
        if not config.slack_app_token:
            app.router.add_post("/slack/events", timed(parts.metrics, "slack", door.receive))
        ticket_status(parts).add_routes(app.router, around=partial(timed, parts.metrics, "tickets"))
        add_pages(parts, app.router)
    figures = app if config.metrics_port is None else web.Application()
    vitals.add_metrics(figures.router)
    runners = [await _opened(app, config.host, config.port)]
    if config.metrics_port is not None:
        runners.append(await _opened(figures, config.host, config.metrics_port))
    return runners


def ticket_status(parts: Parts) -> TicketStatus:
    """Who hears how tickets stand."""
    sealer = Sealer(parts.config.secret_key.values)
    return TicketStatus(store=parts.store, clock=parts.tools.clock, open_secret=sealer.open)


def add_pages(parts: Parts, router: web.UrlDispatcher) -> None:
    """Hang what concerns people who log in at Meta; without a public address there is nowhere to send them back to."""
    config, tools = parts.config, parts.tools
    callbacks.Callbacks(
        store=parts.store, clock=tools.clock, app_secrets=config.meta_secrets, public_url=config.public_url
    ).add_routes(router)
    DeletionStatus(store=parts.store, language=config.language).add_routes(router)
    IconPages(SqlIcons(parts.store)).add_routes(router)
    add_install_pages(parts, router)
    if config.public_url is None:
        return
    graph, sealer = graph_of(config), Sealer(config.secret_key.values)
    oauth = MetaOAuth(http=parts.http, graph=graph, apps=apps_of(config))
    work = Work(
        store=parts.store,
        clock=tools.clock,
        sealer=sealer,
        oauth=oauth,
        meta=MetaLogin(http=parts.http, graph=graph),
        rules=tools.rules,
    )
    choosing = Choosing(work=work, probe_for=parts.workspaces.tenants.probe_for)
    here, redirect = addresses(config.public_url)
    Pages(
        work=work,
        steps=Steps(work=work, oauth=oauth, choosing=choosing, sealer=sealer, here=here, redirect=redirect),
        links=links_of(config, tools.clock),
        sealer=sealer,
        choosing=choosing,
        public_url=config.public_url,
        clock=tools.clock,
        language=config.language,
    ).add_routes(router)


def add_install_pages(parts: Parts, router: web.UrlDispatcher) -> None:
    """Hang the pages that install the app into a workspace, where that is how it is done."""
    config, clock = parts.config, parts.tools.clock
    installing = by_installing(parts)
    if installing is not None:
        InstallPages(
            installing=installing,
            sealer=installing.sealer,
            clock=clock,
            scopes=needed_scopes(),
            public_url=config.public_url,
            language=config.language,
        ).add_routes(router)


async def _opened(app: web.Application, host: str, port: int) -> web.AppRunner:
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=5.0)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    return runner


def _address(runner: web.AppRunner) -> str:
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}"
