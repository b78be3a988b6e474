"""`threadbridge check`: looks at everything and says what is right, what is wrong, and how to mend it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import aiohttp
import click
import structlog
from sqlalchemy.engine import Connection

from bridge import check as look
from bridge import config as configuration
from bridge import single
from bridge.check import Finding
from bridge.checklist import Known
from bridge.chosen import graph_of, pace_of, rules_of, tenants_of
from bridge.cli import checklist as tester
from bridge.cli import logins, named, outside, processes, ticketing
from bridge.cli.answers import CommandError, as_json, emit
from bridge.cli.backlog import queues
from bridge.cli.base import open_clock
from bridge.cli.installed import installed_in, socket_of
from bridge.config import MENDS, WHERE, Config, ConfigError
from bridge.meta.login import MetaLogin
from bridge.model.change import replace
from bridge.model.errors import StoreUnavailable, WrongSchema
from bridge.model.ids import PlaceRef
from bridge.model.state import Account, Wish, Workspace
from bridge.model.upkeep import Kept as Dated
from bridge.model.word import Word
from bridge.ports import Clock
from bridge.rules.desk import places
from bridge.secrets import Sealer
from bridge.slack.probe import NoSlack, SlackProbe, Whoami
from bridge.store import accounts as stored
from bridge.store import alerts, health, tickets, upkeep
from bridge.store.installations import Installed, installed
from bridge.store.listings import Figures, queue_figures
from bridge.store.scenes import workspaces_of
from bridge.store.store import open_store
from bridge.store.transaction import Tx
from bridge.store.workspaces import keep_workspace, speak
from bridge.tenants import Tenants

START_WITHIN = 3.0
"""Seconds that Slack gets to answer before the service starts all the same."""

log = structlog.get_logger("bridge")


@dataclass(kw_only=True)
class Report:
    """Findings so far, and the error that ends the command with an exit code of its own."""

    findings: list[Finding] = field(default_factory=list)
    error: Exception | None = None


class Kept(Word, kw_only=True):
    """What the database says, all from one moment."""

    workspaces: Sequence[Workspace]
    installed: Installed
    accounts: Sequence[Account]
    sealed: dict[int, str | None]
    dated: dict[int, Dated]
    signing: dict[int, str | None]
    """What signs their tickets, sealed."""
    figures: Figures
    alive: frozenset[str]
    """The roles of the processes that are alive now."""
    named: list[Finding]


MISREAD = f"correct what is named here, {WHERE}, and run `threadbridge check` again"


@click.command(short_help="Say what is right, what is wrong, how to mend it.")
@click.option("--checklist", is_flag=True, help="Instead: what each account needs at Meta, and what is known of it.")
@as_json
def check(*, checklist: bool, as_json: bool) -> None:
    """Look at every setting, account, channel and queue: what is right, what is wrong, how to mend it.

    Ends with 0 only when messages can flow; warnings do not count. With --checklist only when nothing is known to be missing.
    """
    if checklist:
        _checklist(as_json=as_json)
        return
    report = _report()
    broken = [finding for finding in report.findings if not finding.ok]
    if as_json:
        emit({"ok": not broken and report.error is None, "checks": [finding.json() for finding in report.findings]})
    else:
        _print(report.findings)
    if report.error is not None:
        raise report.error
    if broken:
        raise CommandError(f"{len(broken)} of {len(report.findings)} checks found something wrong: see above")


def _checklist(*, as_json: bool) -> None:
    config = configuration.read()
    config.require()
    found = asyncio.run(tester.items(config))
    missing = [each for each in found if each.known is Known.FAIL]
    if as_json:
        emit({"ok": not missing, "checklist": [each.json() for each in found]})
    else:
        tester.show(found)
    if missing:
        raise CommandError(f"{len(missing)} of {len(found)} are not as they must be: see above")


def _report() -> Report:
    """What can be looked at: with settings missing, the settings alone."""
    try:
        config = configuration.read()
    except ConfigError as error:
        return Report(findings=[look.wrong("setting", "settings", str(error), MISREAD)], error=error)
    try:
        config.require()
    except ConfigError as error:
        return Report(findings=look.settings(_needed(config), config.missing(), WHERE), error=error)
    return asyncio.run(_examine(config))


async def _examine(config: Config) -> Report:
    report = Report()
    async with aiohttp.ClientSession() as http:
        clock = await open_clock(config, http)
        asked = await _asked(config, http)
        report.findings += _installation(config, asked, clock)
        report.findings += await socket_of(config, http)
        report.findings += await outside.findings(config, http, clock)
        try:
            kept = await _kept(config, clock)
        except (StoreUnavailable, WrongSchema) as error:
            report.findings.append(_no_database(error))
            report.error = error
            return report
        report.findings.append(look.fine("database", "BRIDGE_DATABASE_URL"))
        report.findings += processes.findings(kept.alive)
        report.findings += outside.halves(
            mail=bool(config.smtp_url),
            to=config.alert_email is not None,
            tickets=any(ticketing.by_mail(each) for each in kept.accounts),
        )
        if asked is not None and (problem := single.mismatch(asked, kept.workspaces, kept.accounts)):
            what, _, mend = problem.rpartition(": ")
            report.findings.append(look.wrong("workspace", "SLACK_BOT_TOKEN", what, mend))
            report.error = ConfigError(problem)
            return report
        tenants = tenants_of(config, http, Sealer(config.secret_key.values).open)
        tenants.learn(kept.installed)
        if asked is None:
            report.findings += await installed_in(config, kept.workspaces, tenants, clock, single.busy(kept.accounts))
        report.findings += look.connected(kept.accounts)
        report.findings += look.apps(
            kept.accounts,
            meta_app_id=bool(config.meta_app_id),
            instagram_app_secret=bool(config.instagram_app_secret),
        )
        report.findings += await _accounts(config, kept, MetaLogin(http=http, graph=graph_of(config)), clock.now())
        if not isinstance(asked, NoSlack):
            report.findings += await _channels(config, clock, kept, tenants)
        report.findings += [*look.alerts(kept.accounts, config.ops_channel), *kept.named]
        holds = logins.unsaid(kept.figures.holds, kept.accounts)
        report.findings += queues(replace(kept.figures, holds=holds))
    return report


async def _asked(config: Config, http: aiohttp.ClientSession) -> Whoami | NoSlack | None:
    """Whose the operator's token is; None: the app is installed by OAuth."""
    if config.by_oauth:
        return None
    return await SlackProbe(token=config.slack_bot_token.first, base_url=config.slack_api_url, http=http).whoami()


async def _channels(config: Config, clock: Clock, kept: Kept, tenants: Tenants) -> list[Finding]:
    """The channels of each workspace, asked for with its own token."""
    found: list[Finding] = []
    ops = config.ops_channel if len(kept.workspaces) == 1 or not config.by_oauth else None
    several = len(kept.workspaces) > 1
    for workspace in kept.workspaces:
        probe = tenants.probe_for(workspace.id)
        if probe is None:
            continue
        accounts = [each for each in kept.accounts if each.workspace == workspace.id]
        channels = await look.channels(accounts, ops, probe)
        found += [replace(each, workspace=workspace.id) for each in channels] if several else channels
        await _announce(
            config, clock, workspace, accounts, {each.subject for each in channels if each.problem == look.SHARED}
        )
    return found


def _needed(config: Config) -> dict[str, str]:
    """The settings that this installation needs, each with its mend."""
    return {name: MENDS[name] for name in config.to_run}


def _no_database(error: StoreUnavailable | WrongSchema) -> Finding:
    problem, _, mend = str(error).rpartition(": ")
    if isinstance(error, StoreUnavailable):
        problem, mend = str(error), "see that it runs and has room, and that BRIDGE_DATABASE_URL leads to it"
    return look.wrong("database", "BRIDGE_DATABASE_URL", problem, mend)


def _installation(config: Config, asked: Whoami | NoSlack | None, clock: Clock) -> list[Finding]:
    slack = [] if asked is None else [*look.slack_token(asked, look.needed_scopes()), look.clock(asked, clock.now())]
    return [
        *look.settings(_needed(config), (), WHERE),
        look.public_url(config.public_url),
        look.graph_version(config.graph_version, clock.now()),
        *slack,
    ]


async def _kept(config: Config, clock: Clock) -> Kept:
    store = await open_store(config.database_url, clock=clock, pace=pace_of(config))
    try:
        async with store.reading() as connection:
            return await connection.run_sync(_read)
    finally:
        await store.close()


async def _announce(
    config: Config, clock: Clock, workspace: Workspace, accounts: Sequence[Account], shared: Collection[str]
) -> None:
    """Let the alerts channels hear of channels that were found shared; each is one incident, however often it is found."""
    now, rules = clock.now(), rules_of(config)
    live = [each for each in accounts if each.wish is not Wish.REMOVED]
    told = [
        alert for place in sorted(shared) for alert in places.shared(workspace.id, PlaceRef(place), live, now, rules)
    ]
    if not told:
        return

    def work(tx: Tx) -> None:
        tx.facts.keep([alerts.to_item(alert, tx.new_id()) for alert in told], clock.steady())

    store = await open_store(config.database_url, clock=clock, pace=pace_of(config))
    try:
        await store.write(work)
    finally:
        await store.close()


def _read(conn: Connection) -> Kept:
    accounts = stored.accounts_of(conn)
    return Kept(
        workspaces=workspaces_of(conn),
        installed=installed(conn),
        accounts=accounts,
        sealed={account.id: stored.sealed_of(conn, account.id) for account in accounts},
        dated={each.id: dated for each in accounts if (dated := upkeep.kept_of(conn, each.id)) is not None},
        signing={account.id: tickets.sealed_of(conn, account.id) for account in accounts},
        figures=queue_figures(conn),
        alive=health.alive(conn, datetime.now(UTC)),
        named=named.findings(conn, accounts),
    )


async def _accounts(config: Config, kept: Kept, meta: MetaLogin, now: datetime) -> list[Finding]:
    sealer, found = Sealer(config.secret_key.values), []
    for account in kept.accounts:
        if account.wish is Wish.REMOVED:
            continue
        token = look.sealed(account, kept.sealed[account.id], sealer)
        asked = [token] if isinstance(token, Finding) else await look.network_of(account, token, meta)
        found += [*logins.once(account, look.state_of(account), asked), *look.hours_of(account)]
        found += ticketing.findings(account, kept.signing[account.id], sealer, mail=bool(config.smtp_url))
        if (dated := kept.dated.get(account.id)) is not None:
            found += logins.ends(dated, now)
    return found


def _print(findings: Sequence[Finding]) -> None:
    for finding in findings:
        sign = "!!" if not finding.ok else " ?" if finding.warning else "ok"
        click.echo(f"{sign}  {finding.title}")
        if finding.problem is not None:
            click.echo(f"      {finding.problem}")
            click.echo(f"      → {finding.mend}")


# ── at the start of the service ───────────────────────────────────────────────────────────────────────────


async def begin(config: Config) -> None:
    """Log what `check` would say of workspace, scopes, clock and version, and keep what is new of the workspace.

    ConfigError: the token is of another workspace, or of one of several. A Slack that does not answer keeps nobody from starting: what
    customers write can be kept all the same.
    """
    async with aiohttp.ClientSession() as http:
        clock = await open_clock(config, http)
        kept = await _kept(config, clock)
        asked: Whoami | NoSlack | None = NoSlack()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(START_WITHIN):
                asked = await _asked(config, http)
        if asked is not None and (problem := single.mismatch(asked, kept.workspaces, kept.accounts)):
            raise ConfigError(problem)
        await _renew(config, clock, kept, asked)
        for finding in [*_installation(config, asked, clock), *look.connected(kept.accounts)]:
            if finding.problem is not None:
                log.warning("check", check=finding.what, subject=finding.subject, problem=finding.problem)


async def _renew(config: Config, clock: Clock, kept: Kept, asked: Whoami | NoSlack | None) -> None:
    """The operator's language; and what Slack says of the workspace, whose bot is another one after a fresh install."""
    fresh = asked.as_workspace(config.language) if isinstance(asked, Whoami) else None
    changed = [workspace for workspace in kept.workspaces if fresh is not None and workspace.id == fresh.id]
    if all(each == fresh for each in changed) and all(each.language == config.language for each in kept.workspaces):
        return

    def work(tx: Tx) -> None:
        if fresh is not None and changed:
            keep_workspace(tx.connection, replace(fresh, language=changed[0].language))
        speak(tx.connection, config.language)

    store = await open_store(config.database_url, clock=clock, pace=pace_of(config))
    try:
        await store.write(work)
    finally:
        await store.close()
