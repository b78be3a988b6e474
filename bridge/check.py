"""What is right with an installation, what is wrong, and where to mend it: facts in, findings out; asking included.

A finding that is not ok keeps messages from flowing, or shows that some did not; a warning does neither yet.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import yaml

from bridge import tickets
from bridge.meta.login import READING, Identity, Refusal, Standing, Subscription, Whose, whose_of
from bridge.model.change import asdict
from bridge.model.ids import PlaceRef, WorkspaceId
from bridge.model.state import Account, Health, Login, Platform, Wish
from bridge.model.word import Word
from bridge.rules.accounts.health import CONNECTED_TOOLS, KINDS, Kind
from bridge.secrets import Sealer, SealError
from bridge.settings import subject
from bridge.slack.probe import ChannelState, NoSlack, Whoami
from bridge.wording import Wording
from bridge.wording.mends import mend_of

CLOCK_MAY_DIFFER: Final = timedelta(seconds=30)
END_IS_NEAR: Final = timedelta(days=90)

# When each version of the Graph API ends: https://developers.facebook.com/docs/graph-api/changelog
VERSION_ENDS: Final = {
    "v20.0": datetime(2026, 9, 24, tzinfo=UTC),
    "v21.0": datetime(2027, 1, 21, tzinfo=UTC),
    "v22.0": datetime(2027, 5, 20, tzinfo=UTC),
    "v23.0": datetime(2027, 10, 8, tzinfo=UTC),
    "v24.0": datetime(2028, 2, 18, tzinfo=UTC),
    "v25.0": datetime(2028, 7, 29, tzinfo=UTC),
}
OLDEST_KNOWN: Final = 20

HEALTH: Final = {
    Health.PENDING: "waits for Meta's permission",
    Health.NEEDS_REAUTHENTICATION: "needs re-authentication",
    Health.RESTRICTED: "may not send for now",
    Health.NOT_ELIGIBLE: "is not eligible yet",
}
"""What is said of an account that Meta does not let send."""

SHARED: Final = "it is shared with another company, whose people can read your customers' messages"
"""What is the matter with a channel that was shared."""

NETWORK: Final = {Platform.INSTAGRAM: "Instagram", Platform.MESSENGER: "Messenger"}


class Finding(Word, kw_only=True):
    """One thing that was looked at. *problem* and *mend* are sentences; a warning is ok and has both."""

    what: str
    subject: str
    ok: bool = True
    warning: bool = False
    problem: str | None = None
    mend: str | None = None
    workspace: WorkspaceId | None = None
    """Whose it is, where there are several and the subject does not tell."""

    @property
    def title(self) -> str:
        """What it is about, in a line."""
        return f"{self.what}: {self.subject}" + ("" if self.workspace is None else f" in {self.workspace}")

    def json(self) -> dict[str, Any]:
        """As commands print it."""
        return asdict(self)


def fine(what: str, subject: str) -> Finding:
    """It is as it should be."""
    return Finding(what=what, subject=subject)


def wrong(what: str, subject: str, problem: str, mend: str) -> Finding:
    """It keeps messages from flowing."""
    return Finding(what=what, subject=subject, ok=False, problem=problem, mend=mend)


def doubtful(what: str, subject: str, problem: str, mend: str) -> Finding:
    """Messages flow, but somebody should look."""
    return Finding(what=what, subject=subject, warning=True, problem=problem, mend=mend)


class DeskProbe(Protocol):
    """What is asked of Slack (`bridge.slack.probe.SlackProbe`)."""

    async def channel(self, place: PlaceRef) -> ChannelState | NoSlack:
        """How a channel stands."""
        ...


class NetworkProbe(Protocol):
    """What is asked of Meta (`bridge.meta.login.MetaLogin`)."""

    async def identify(self, token: str, whose: Whose) -> Identity | Refusal:
        """Whose a token is."""
        ...

    async def subscription(self, token: str, whose: Whose) -> Subscription | Refusal:
        """Which webhooks come."""
        ...


# ── the installation ──────────────────────────────────────────────────────────────────────────────────────


def settings(mends: Mapping[str, str], missing: Collection[str], where: str) -> list[Finding]:
    """Those without which nothing runs, each with its mend. where: they are looked for."""
    return [
        wrong("setting", name, f"it is missing, {where}", mend) if name in missing else fine("setting", name)
        for name, mend in mends.items()
    ]


def public_url(url: str | None) -> Finding:
    """Where Slack and Meta reach us."""
    name = "BRIDGE_PUBLIC_URL"
    if url is None:
        mend = "set it to the https address of this service, so that `threadbridge manifest` can fill it in"
        return doubtful("setting", name, "it is not set", mend)
    if urlsplit(url).scheme != "https":
        return doubtful("setting", name, f"{url} is not https: Slack and Meta refuse it", "put it behind https")
    return fine("setting", name)


def graph_version(version: str, now: datetime) -> Finding:
    """How long Meta still speaks this version."""
    name, end = "BRIDGE_GRAPH_VERSION", VERSION_ENDS.get(version)
    mend = f"set a newer one, such as {max(VERSION_ENDS, key=lambda each: VERSION_ENDS[each])}"
    if end is None:
        if int(version[1:].partition(".")[0]) < OLDEST_KNOWN:
            return wrong("graph version", name, f"Meta no longer speaks {version}", mend)
        return fine("graph version", name)
    if end <= now:
        return wrong("graph version", name, f"Meta ended {version} on {end:%Y-%m-%d}", mend)
    if end - now <= END_IS_NEAR:
        return doubtful("graph version", name, f"Meta ends {version} on {end:%Y-%m-%d}", mend)
    return fine("graph version", name)


# ── Slack ─────────────────────────────────────────────────────────────────────────────────────────────────


FRESH: Final = "take the token that the Slack app's page “OAuth & Permissions” shows, or install the app anew"


def slack_token(
    asked: Whoami | NoSlack, needed: Iterable[str], *, name: str = "SLACK_BOT_TOKEN", mend: str = FRESH
) -> list[Finding]:
    """Whether Slack takes our token, and what the token may."""
    match asked:
        case NoSlack(code=""):
            return [wrong("slack token", name, "Slack did not answer", "try again; if it stays, look at the network")]
        case NoSlack(code=code):
            return [wrong("slack token", name, f"Slack does not accept it ({code})", mend)]
        case Whoami():
            return [fine("slack token", name), _scopes(asked, needed)]


def _scopes(asked: Whoami, needed: Iterable[str]) -> Finding:
    missing = sorted(set(needed) - asked.scopes)
    if missing:
        mend = (
            "add them on the Slack app's page “OAuth & Permissions” (`threadbridge manifest` has all), and reinstall it"
        )
        return wrong("slack scopes", asked.workspace, f"missing: {', '.join(missing)}", mend)
    return fine("slack scopes", asked.workspace)


def clock(asked: Whoami | NoSlack, now: datetime) -> Finding:
    """Whether our clock tells Slack's time; signatures and windows depend on it."""
    if isinstance(asked, NoSlack) or asked.at is None:
        return doubtful("clock", "this machine", "it could not be compared with Slack's", "see the Slack token")
    difference = now - asked.at
    if abs(difference) > CLOCK_MAY_DIFFER:
        ahead = "ahead of" if difference > timedelta(0) else "behind"
        problem = f"it is {abs(difference).total_seconds():.0f} s {ahead} Slack's"
        return doubtful("clock", "this machine", problem, "let the machine follow a time server (NTP)")
    return fine("clock", "this machine")


def needed_scopes() -> frozenset[str]:
    """What the bot's token must be allowed, from the app's manifest."""
    manifest = yaml.safe_load(manifest_text())
    return frozenset(manifest["oauth_config"]["scopes"]["bot"])


def manifest_text() -> str:
    """The Slack app's manifest as it is shipped."""
    return files("bridge").joinpath("app_manifest.yml").read_text("utf-8")


# ── secrets ───────────────────────────────────────────────────────────────────────────────────────────────


def sealed(account: Account, token: str | None, sealer: Sealer) -> str | Finding:
    """The account's token, or what keeps it shut."""
    name = subject(account)
    if token is None:
        return wrong("token", name, "no token is kept for it", "`threadbridge accounts add` with its token")
    try:
        return sealer.open(token)
    except SealError:
        mend = "add the former key to BRIDGE_SECRET_KEY after the new one, or run `threadbridge accounts add` again"
        return wrong("secret key", name, "BRIDGE_SECRET_KEY does not open its token", mend)


# ── accounts ──────────────────────────────────────────────────────────────────────────────────────────────


FIRST: Final = "`threadbridge accounts connect` prints a link that connects one, and so does `/bridge` in Slack; `accounts add` takes a token"
"""How an account is connected where there is none."""


def connected(accounts: Sequence[Account]) -> list[Finding]:
    """Whether there is anything to bridge."""
    if any(account.wish is not Wish.REMOVED for account in accounts):
        return []
    return [wrong("accounts", "none", "no account is connected", FIRST)]


def apps(accounts: Sequence[Account], *, meta_app_id: bool, instagram_app_secret: bool) -> list[Finding]:
    """What the settings of the Meta app lack for the accounts that are connected; whether each is set."""
    logins = {account.login for account in accounts if account.wish is not Wish.REMOVED}
    found = []
    if Login.FACEBOOK in logins and not meta_app_id:
        problem = "it is not set, so that Meta cannot be asked what the tokens may"
        mend = "set it: the Meta app's page “App settings, Basic” shows it"
        found.append(doubtful("setting", "META_APP_ID", problem, mend))
    if Login.INSTAGRAM in logins and not instagram_app_secret:
        problem = "it is not set: deliveries that Meta signs with it are refused"
        mend = "set it: the Meta app's page “Instagram, API setup with Instagram login” shows it"
        found.append(doubtful("setting", "INSTAGRAM_APP_SECRET", problem, mend))
    return found


async def network_of(account: Account, token: str, probe: NetworkProbe) -> list[Finding]:
    """Whether Meta takes the account's token and sends its webhooks."""
    name = subject(account)
    whose = whose_of(account)
    identity = await probe.identify(token, whose)
    if isinstance(identity, Refusal):
        return [_refused("token", account, identity)]
    found = [fine("token", name)]
    if identity.missing:
        _, mend = explained(account, Kind.REAUTH, "permission_revoked")
        found.append(wrong("permissions", name, f"not granted: {', '.join(identity.missing)}", mend))
    elif identity.unauthorised:
        found.append(wrong("permissions", name, *explained(account, Kind.REAUTH, "page_not_authorised")))
    subscription = await probe.subscription(token, whose)
    if isinstance(subscription, Refusal):
        found.append(_refused("webhooks", account, subscription))
    elif subscription.missing:
        mend = "run `threadbridge accounts add` again, which subscribes to them"
        bad = doubtful if READING.issuperset(subscription.missing) else wrong
        found.append(bad("webhooks", name, f"not subscribed to: {', '.join(subscription.missing)}", mend))
    else:
        found.append(fine("webhooks", name))
    return found


def hours_of(account: Account) -> list[Finding]:
    """Whether what it is to say outside its hours is ever said."""
    if not account.settings.auto_away or account.settings.hours:
        return []
    name = subject(account)
    problem = "auto_away is on, but it has no hours: always open, it never says that it is closed"
    mend = f'`threadbridge accounts set {name} hours="Mon-Fri 09:00-18:00" zone=…`, or `auto_away=off`'
    return [doubtful("hours", name, problem, mend)]


def state_of(account: Account) -> Finding:
    """What the bridge itself knows of the account."""
    name = subject(account)
    match account.health:
        case Health.READY if account.wish is Wish.PAUSED:
            return doubtful("account", name, "it is paused", f"`threadbridge accounts resume {name}`")
        case Health.READY:
            return fine("account", name)
        case health:
            why, mend = explained(account, KINDS[health], account.cause or "")
            stands = "may not send" if account.cause == CONNECTED_TOOLS else HEALTH[health]
            return wrong("account", name, f"it {stands}: {why}", mend)


def explained(account: Account, kind: Kind, cause: str) -> tuple[str, str]:
    """Why an account cannot send, and what mends it, in the words of its alert."""
    wording = Wording("en")
    values = {"account": account.name, "network": NETWORK[account.platform], "customer": "–", "channel": "–"}
    values["way"] = wording.say("told.way_check")
    why = next(key for key in (f"cause.{kind}.{cause}", f"cause.{cause}", f"cause.{kind}") if key in wording)
    mend = mend_of(wording, kind, cause)
    return wording.say(why, **values), "" if mend is None else wording.say(mend, **values)


def _refused(what: str, account: Account, refusal: Refusal) -> Finding:
    name, wording = subject(account), Wording("en")
    known = refusal.why in wording and refusal.why != "error.other"
    values = {"account": account.name, "network": NETWORK[account.platform], "customer": "–", "channel": "–"}
    why = wording.say(refusal.why, **values) if known else "Meta gave no reason that the bridge knows."
    if refusal.standing is Standing.NO_ANSWER:
        return wrong(what, name, why, "try again; if it stays, look at the network and at Meta's status page")
    cause = "secret_changed" if refusal.why == "cause.secret_changed" else refusal.why.removeprefix("cause.reauth.")
    _, mend = explained(account, Kind.REAUTH, cause)
    return wrong(what, name, f"{why} (Meta's code {refusal.code})", mend)


# ── channels ──────────────────────────────────────────────────────────────────────────────────────────────


async def channels(accounts: Sequence[Account], ops: str | None, probe: DeskProbe) -> list[Finding]:
    """Whether the bridge may write where it should: routes' channels, and where alerts go."""
    live = [account for account in accounts if account.wish is not Wish.REMOVED]
    routes = dict.fromkeys(account.settings.channel for account in live)
    alerts = [account.settings.alerts_channel for account in live if account.settings.alerts_channel is not None]
    sinks = [place for each in live if (place := tickets.place_of(each.settings.ticket_sink)) is not None]
    careful = {account.settings.channel for account in live if not account.settings.shared_channel}
    found = [await _channel("channel", place, probe, needed=True, insisted=place not in careful) for place in routes]
    for place in dict.fromkeys([*alerts, *([PlaceRef(ops)] if ops else [])]):
        if place not in routes:
            found.append(await _channel("alerts channel", place, probe, needed=False))  # noqa: PERF401 - awaited in turn
    seen = {each.subject for each in found}
    for place in dict.fromkeys(each for each in sinks if each not in seen):
        found.append(await _channel("tickets' channel", place, probe, needed=False, insisted=True))  # noqa: PERF401 - awaited in turn
    return found


def alerts(accounts: Sequence[Account], ops: str | None) -> list[Finding]:
    """Accounts whose alerts have no place of their own."""
    if ops:
        return []
    problem = "its alerts go into its own channel, and nowhere once that is closed to the bridge"
    bare = [each for each in accounts if each.wish is not Wish.REMOVED and each.settings.alerts_channel is None]
    return [
        doubtful(
            "alerts channel",
            subject(each),
            problem,
            f"set BRIDGE_OPS_CHANNEL, or `threadbridge accounts set {subject(each)} alerts_channel=C…`",
        )
        for each in bare
    ]


async def _channel(what: str, place: PlaceRef, probe: DeskProbe, *, needed: bool, insisted: bool = False) -> Finding:
    """An alerts channel that cannot be reached is a warning: alerts then go into the account's own channel."""
    bad = wrong if needed else doubtful
    match await probe.channel(place):
        case NoSlack(code=""):
            return bad(what, place, "Slack did not answer", "try again")
        case NoSlack(code=code):
            mend = "check the id; invite the app into it (/invite) if the channel is private"
            return bad(what, place, f"Slack does not show it to the app ({code})", mend)
        case ChannelState(archived=True):
            return bad(what, place, "it is archived", "unarchive it, or set another channel")
        case ChannelState(member=False):
            return bad(what, place, "the app is not a member of it", "write /invite @Threadbridge in it")
        case ChannelState(writable=False):
            return bad(
                what, place, "nobody may write or answer in it", "change its posting permissions, or set another"
            )
        case ChannelState(outside=True) if not insisted:
            return doubtful(
                what,
                place,
                SHARED,
                "use a channel of your own, or insist with `threadbridge accounts set … shared_channel=on`",
            )
        case _:
            return fine(what, place)
