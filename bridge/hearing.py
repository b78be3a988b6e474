"""How Slack reaches us: what takes its words in, and the sockets by which they come where it is not by HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import aiohttp

from bridge.ports import Clock, Links
from bridge.slack import commands
from bridge.slack.calls import ClientFor
from bridge.slack.commands import Workspaces
from bridge.slack.home import Homes
from bridge.slack.intake import Endings, SlackIntake
from bridge.slack.lists import Lists
from bridge.slack.setup.around import Examiner
from bridge.slack.setup.asking import SetupWindows
from bridge.slack.setup.door import SetupDoor
from bridge.slack.setup.lookups import ProbeFor
from bridge.slack.setup.room import CHECK
from bridge.slack.setup.table import WINDOWS
from bridge.slack.setup.unmade import Attended
from bridge.slack.sockets import Sockets
from bridge.slack.windows.asking import Questions
from bridge.store.home import SqlSheets
from bridge.store.icons import SqlIcons
from bridge.store.lists import SqlLists
from bridge.store.setups import SqlSetupSheets
from bridge.store.store import SqlStore
from bridge.store.survey import SqlSurveys
from bridge.store.windows import SqlQuestions
from bridge.telemetry import Metrics
from bridge.workers.base import Tools


def slack_door(
    *,
    store: SqlStore,
    tools: Tools,
    workspaces: Workspaces,
    client_for: ClientFor,
    probe_for: ProbeFor,
    examiner: Examiner,
    secrets: Sequence[str],
    tasks: asyncio.TaskGroup,
    endings: Endings | None,
    seal: Callable[[str], str],
    links: Links | None = None,
) -> SlackIntake:
    """Who takes in what Slack has to say, however it comes. secrets: that sign what comes by HTTP. seal: encrypts."""
    clock = tools.clock
    windows = Questions(
        reader=SqlQuestions(store.reading), client_for=client_for, clock=clock, tasks=tasks, wire=tools.rules.wire
    )
    setups = setups_of(store, tools, client_for, tasks, seal)
    surveys = SqlSurveys(store.reading)
    attended = Attended(store=store, reader=surveys, client_for=client_for, workspaces=workspaces, tasks=tasks)
    setup = SetupDoor(
        store=attended,
        reader=surveys,
        clock=clock,
        client_for=client_for,
        probe_for=probe_for,
        links=links,
        ops=tools.rules.ops_place is not None,
        mail=tools.rules.mail,
        examiner=examiner,
        tasks=tasks,
        workspaces=workspaces,
        windows=setups,
    )
    lists = Lists(reader=SqlLists(store.reading), client_for=client_for, clock=clock)
    return SlackIntake(
        store=attended,
        clock=clock,
        workspaces=workspaces,
        secrets=secrets,
        bolt=commands.build(workspaces, lists, setup),
        windows=windows,
        setups=setups,
        presses=setup,
        endings=endings,
    )


def setups_of(
    store: SqlStore, tools: Tools, client_for: ClientFor, tasks: asyncio.TaskGroup, seal: Callable[[str], str]
) -> SetupWindows:
    """Who opens windows that set something up, and takes them in."""
    return SetupWindows(
        reader=SqlSetupSheets(store.reading),
        history=SqlSurveys(store.reading),
        icons=SqlIcons(store),
        seal=seal,
        client_for=client_for,
        clock=tools.clock,
        tasks=tasks,
        wire=tools.rules.wire,
        most=tools.rules.routes_per_channel,
        loopback=tools.rules.loopback,
        mail=tools.rules.mail,
    )


def homes_of(store: SqlStore, clock: Clock, links: Links, *, mail: bool) -> Homes:
    """Who shows people their own pages. mail: whether a mail server is set."""
    windows = frozenset({*WINDOWS, CHECK})
    return Homes(reader=SqlSheets(store.reading), now=clock.now, links=links, windows=windows, mail=mail)


def sockets_of(
    door: SlackIntake, *, tokens: Sequence[str], base_url: str, http: aiohttp.ClientSession, metrics: Metrics
) -> Sockets | None:
    """The sockets of an app with Socket Mode; None: it has no token for them."""
    return Sockets(taker=door, told=metrics, tokens=tokens, base_url=base_url, http=http) if tokens else None
