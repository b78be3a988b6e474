"""`threadbridge accounts add`: ask Meta whose the token is, let webhooks come, and only then keep the account."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any

import click

from bridge import config as configuration
from bridge import settings
from bridge.chosen import graph_of
from bridge.cli.answers import CommandError, as_json, emit, fields
from bridge.cli.base import AccountName, Bench, operator, with_bench
from bridge.cli.called import check_name
from bridge.cli.channels import look_for_room, look_up
from bridge.meta.login import Identity, MetaLogin, Refusal, Standing, Whose
from bridge.meta.render import limits
from bridge.model.change import replace
from bridge.model.ids import AccountId, PlaceRef, WorkspaceId
from bridge.model.state import Account, AccountSettings, Health, Login, Platform, Wish, Workspace
from bridge.model.word import Word
from bridge.secrets import Sealer
from bridge.slack.probe import NoSlack, SlackProbe
from bridge.slack.refs import REFS
from bridge.store import accounts as stored
from bridge.store.accounts import Connected, Connecting, Hand
from bridge.store.scenes import workspaces_of
from bridge.store.workspaces import keep_workspace
from bridge.wording import Wording

NETWORK = {Platform.INSTAGRAM: "Instagram", Platform.MESSENGER: "Messenger"}
NEEDS = ("BRIDGE_SECRET_KEY", "META_APP_SECRET")


class Wanted(Word, kw_only=True):
    """What the operator typed. pairs: settings under the contract's names."""

    account: AccountName
    pairs: dict[str, str]
    login: Login | None
    workspace: str | None
    token: str


class Verdict(Word, kw_only=True):
    """How Meta's answers leave the account. trouble: a sentence, None when it is ready.

    token_expires_at, data_access_expires_at: by Meta's word; None: never, or not told.
    """

    health: Health
    cause: str | None = None
    trouble: str | None = None
    token_expires_at: datetime | None = None
    data_access_expires_at: datetime | None = None


@click.command(short_help="Connect an account, or renew it.")
@click.option("--platform", type=click.Choice(["instagram", "messenger"]), required=True)
@click.option("--id", "remote_id", required=True, help="The Page's or the Instagram account's id, as webhooks give it.")
@click.option("--name", help="What agents know it by.")
@click.option("--channel", metavar="C...", help="Where its conversations go.")
@click.option("--alerts-channel", metavar="C...", help="Where its alerts go.")
@click.option("--login", type=click.Choice(["facebook", "instagram"]), help="By which login (facebook unless said).")
@click.option("--human-agent/--no-human-agent", default=None, help="Whether Meta granted the Human Agent feature.")
@click.option("--owner", "owners", multiple=True, metavar="U...", help="Who hears of its troubles; may be repeated.")
@click.option("--agent", "agents", multiple=True, metavar="U...|S...", help="Who may answer (everyone unless said).")
@click.option("--allow-shared-channel", is_flag=True, help="Also a channel that another company reads.")
@click.option("--workspace", metavar="T...", help="Needed when several workspaces are connected.")
@click.option("--token-env", metavar="NAME", help="The variable that holds the access token; else standard input.")
@as_json
def add(
    platform: str, remote_id: str, workspace: str | None, token_env: str | None, *, as_json: bool, **given: Any
) -> None:
    """Connect an account, or renew it: a new token, other settings; what waited for it goes on.

    The access token comes from --token-env NAME or standard input, never from an argument.
    """
    if not (remote_id.isascii() and remote_id.isalnum()):
        raise click.BadParameter("an id has letters and digits only", param_hint="--id")
    login = Login(given["login"]) if given["login"] else None
    if platform == "messenger" and login is Login.INSTAGRAM:
        raise click.UsageError("Messenger has no Instagram Login: leave out --login instagram")
    wanted = Wanted(
        account=AccountName(platform=Platform(platform), remote_id=remote_id),
        pairs=_pairs(given),
        login=login,
        workspace=workspace,
        token=_token(token_env),
    )
    connected, verdict = with_bench(lambda bench: _add(bench, wanted), needs=NEEDS)
    document = stored.account_json(connected.account)
    if as_json:
        emit(document)
    elif verdict.trouble is None:
        click.echo(f"{'Connected' if connected.new else 'Renewed'} {wanted.account}.")
        fields(document)
    if verdict.trouble is not None:
        raise CommandError(f"{wanted.account} is kept, but {verdict.health.value.replace('_', ' ')}: {verdict.trouble}")


def _pairs(given: dict[str, Any]) -> dict[str, str]:
    """What was given of the settings; what was not given stays as it is."""
    pairs: dict[str, str | None] = {
        "name": given["name"],
        "channel": given["channel"],
        "alerts_channel": given["alerts_channel"],
        "owners": ",".join(given["owners"]) or None,
        "agents": ",".join(given["agents"]) or None,
        "shared_channel": "on" if given["allow_shared_channel"] else None,
        "human_agent": None if given["human_agent"] is None else ("on" if given["human_agent"] else "off"),
    }
    return {name: text for name, text in pairs.items() if text is not None}


def _token(variable: str | None) -> str:
    if variable is not None:
        token, where = configuration.variable(variable) or "", f"in the environment under {variable}"
    elif sys.stdin.isatty():
        token, where = click.prompt("Access token", hide_input=True, err=True), "typed"
    else:
        token, where = sys.stdin.read(), "on standard input"
    token = token.strip()
    if (
        not token
        or not token.isascii()
        or any(not character.isprintable() or character.isspace() for character in token)
    ):
        raise CommandError(
            f"no access token was {where}: one word is expected, from --token-env NAME or standard input", 2
        )
    return token


async def _add(bench: Bench, wanted: Wanted) -> tuple[Connected, Verdict]:
    known = await bench.read(lambda conn: stored.find(conn, wanted.account.platform, wanted.account.remote_id))
    login = wanted.login or (known.login if known is not None else Login.FACEBOOK)
    workspace, fresh = await workspace_of(bench, wanted.workspace, known)
    _elsewhere(known, workspace)
    name, account_settings = _settings(wanted, known if known is not None and known.workspace == workspace else None)
    await look_up(bench, workspace, known, account_settings, insist="--allow-shared-channel")
    there = known if known is not None and known.workspace == workspace else None
    meant = replace(there or _unconnected(wanted), workspace=workspace, settings=account_settings)
    await look_for_room(bench, meant, there)
    await bench.read(lambda conn: check_name(conn, meant, name))
    verdict = await _ask_meta(bench, wanted, login, name, comments=account_settings.comments)
    connecting = Connecting(
        workspace=workspace,
        platform=wanted.account.platform,
        remote_id=wanted.account.remote_id,
        name=name,
        login=login,
        health=verdict.health,
        cause=verdict.cause,
        sealed=Sealer(bench.config.secret_key.values).seal(wanted.token),
        settings=account_settings,
        token_expires_at=verdict.token_expires_at,
        data_access_expires_at=verdict.data_access_expires_at,
    )

    def work(hand: Hand) -> Connected:
        check_name(hand.conn, meant, name)
        if fresh is not None:
            keep_workspace(hand.conn, fresh)
        return stored.connect(hand, connecting)

    return await bench.write(work), verdict


def _elsewhere(known: Account | None, workspace: WorkspaceId) -> None:
    """CommandError where another workspace has the account: its people would lose it without a word."""
    if known is not None and known.workspace != workspace and known.wish is not Wish.REMOVED:
        name = AccountName(platform=known.platform, remote_id=known.remote_id)
        raise CommandError(
            f"{name} is connected in the workspace {known.workspace}, and has one place in Slack: "
            f"`threadbridge accounts remove {name}` removes it there first"
        )


def _settings(wanted: Wanted, known: Account | None) -> tuple[str, AccountSettings]:
    """The settings of a new account, or those of a known one with what was given; SettingError says what is wrong."""
    if known is None:
        missing = [f"--{name}" for name in ("name", "channel") if name not in wanted.pairs]
        if missing:
            raise CommandError(
                f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} needed for a new account", 2
            )
        known = _unconnected(wanted)
    changed = settings.change(known, wanted.pairs, who=operator(), refs=REFS, wire=limits(known.platform))
    return changed.name, changed.settings


def _unconnected(wanted: Wanted) -> Account:
    """The account before anything of it is kept."""
    return Account(
        id=AccountId(0),
        workspace=WorkspaceId(""),
        platform=wanted.account.platform,
        remote_id=wanted.account.remote_id,
        name="",
        login=Login.FACEBOOK,
        wish=Wish.ON,
        health=Health.PENDING,
        cause=None,
        settings=AccountSettings(channel=PlaceRef("")),
    )


# ── Slack ─────────────────────────────────────────────────────────────────────────────────────────────────


async def workspace_of(bench: Bench, wanted: str | None, known: Account | None) -> tuple[WorkspaceId, Workspace | None]:
    """The workspace that is meant, and what Slack says of it where it is not known yet."""
    there = {workspace.id: workspace for workspace in await bench.read(workspaces_of)}
    meant = wanted or (known.workspace if known is not None and known.wish is not Wish.REMOVED else None)
    if meant is None and len(there) > 1:
        raise CommandError(
            f"several workspaces are connected: say which with --workspace ({', '.join(sorted(there))})", 2
        )
    if meant is None and there:
        meant = next(iter(there))
    if meant is not None and WorkspaceId(meant) in there:
        return WorkspaceId(meant), None
    if bench.config.by_oauth:
        whose = "in no workspace" if meant is None else f"not in the workspace {meant}"
        raise CommandError(
            f"the Slack app is installed {whose} yet: open {bench.config.public_url or ''}/slack/install"
        )
    asked = await _ask_slack(bench)
    if meant is not None and asked.id != meant:
        raise CommandError(
            f"SLACK_BOT_TOKEN belongs to the workspace {asked.id}, not to {meant}: leave out --workspace"
        )
    if there and asked.id not in there:
        raise CommandError(
            f"this database belongs to the workspace {next(iter(there))}, SLACK_BOT_TOKEN to {asked.id}", 3
        )
    return asked.id, asked


async def _ask_slack(bench: Bench) -> Workspace:
    bench.config.require(("SLACK_BOT_TOKEN",))
    probe = SlackProbe(token=bench.config.slack_bot_token.first, base_url=bench.config.slack_api_url, http=bench.http)
    match await probe.whoami():
        case NoSlack(code=""):
            raise CommandError("Slack did not answer (auth.test): try again in a minute")
        case NoSlack(code=code):
            raise CommandError(
                f"Slack does not accept SLACK_BOT_TOKEN ({code}): take the one that the app's page shows"
            )
        case found:
            return found.as_workspace(bench.config.language)


# ── Meta ──────────────────────────────────────────────────────────────────────────────────────────────────


async def _ask_meta(bench: Bench, wanted: Wanted, login: Login, name: str, *, comments: bool) -> Verdict:
    """Whose the token is; let webhooks come; a creator's first call. CommandError: nothing may be kept."""
    meta = MetaLogin(http=bench.http, graph=graph_of(bench.config))
    platform, remote_id = wanted.account.platform, wanted.account.remote_id
    whose = Whose(platform=platform, login=login, remote_id=remote_id, comments=comments)
    identity = await meta.identify(wanted.token, whose)
    if isinstance(identity, Refusal):
        raise _refused(wanted, name, "the token", identity)
    subscribed = await meta.subscribe(wanted.token, whose)
    if subscribed is not None:
        raise _refused(wanted, name, "the webhooks", subscribed)
    verdict = _verdict(wanted, name, identity, await meta.first_conversations_call(wanted.token, whose))
    return replace(
        verdict,
        token_expires_at=identity.expires_at,
        data_access_expires_at=identity.data_access_expires_at,
    )


def _verdict(wanted: Wanted, name: str, identity: Identity, refusal: Refusal | None) -> Verdict:
    if refusal is not None and refusal.standing is Standing.NOT_ELIGIBLE:
        return Verdict(
            health=Health.NOT_ELIGIBLE,
            cause="not_eligible",
            trouble=f"{sentence(refusal.why, wanted.account.platform, name)} (Meta's code {refusal.code}) "
            "Run this again once Meta offers it.",
        )
    if refusal is not None and refusal.standing is not Standing.PENDING:
        raise _refused(wanted, name, "reading conversations", refusal)
    if refusal is not None or identity.missing:
        lacks = f" Not granted: {', '.join(identity.missing)}." if identity.missing else ""
        code = f" (Meta's code {refusal.code})" if refusal is not None and refusal.code else ""
        return Verdict(
            health=Health.PENDING,
            cause="permission",
            trouble=f"Meta has not granted the access it needs{code}.{lacks} Finish App Review, or give the permission, "
            "and run this again.",
        )
    return Verdict(health=Health.READY)


def _refused(wanted: Wanted, name: str, what: str, refusal: Refusal) -> CommandError:
    why = sentence(refusal.why, wanted.account.platform, name)
    if refusal.standing is Standing.NO_ANSWER:
        return CommandError(f"{wanted.account}: nothing was kept: {why}")
    if not refusal.code:
        return CommandError(f"{wanted.account}: the bridge cannot use {what}, nothing was kept: {why}")
    return CommandError(f"{wanted.account}: Meta refused {what} (Meta's code {refusal.code}), nothing was kept: {why}")


def sentence(key: str, platform: Platform, name: str) -> str:
    """A reason in English, from the catalogue that Slack's readers get theirs from."""
    wording, network = Wording("en"), NETWORK[platform]
    if key not in wording or key == "error.other":
        return f"{network} gave no reason that the bridge knows."
    return wording.say(key, account=name, network=network, customer="the customer", channel="the channel")
