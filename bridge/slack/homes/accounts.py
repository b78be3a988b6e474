"""What whoever looks after accounts reads of them: how each stands and why, where it is shown, the last days. Pure."""

from bridge import tickets
from bridge.model.decision import Job
from bridge.model.effects import ShowHome
from bridge.model.sheet import Managed, Removed, Trouble
from bridge.model.state import Account, Health, Wish
from bridge.rules.accounts.health import KINDS, Kind
from bridge.slack import alerts
from bridge.slack.cards import account_line
from bridge.slack.digest import length
from bridge.slack.homes.pieces import CONNECT, Ways, button, heading, small, text
from bridge.slack.phrase import At, Filling, Group, Json, Mention, Phrase, Place, Words, joined, lines
from bridge.wording import Wording

EDITED, CHECKED = ("setup:edit", "button.edit_account"), ("setup:check", "button.check")
PAUSED, RESUMED = ("setup:pause", "button.pause"), ("setup:resume", "button.resume")
ICON, REMOVED = ("setup:icon", "button.icon"), ("setup:remove", "button.remove_account")
RESTORED = ("setup:restore", "button.restore")
"""The ids of buttons about an account, as `bridge.slack.setup` answers them, and what they are called."""
MOST_REMOVED = 5
"""So many of those that were removed lately have a line of their own."""
TIMES = (("first", "digest.first"), ("time", "digest.time"))


def blocks(ways: Ways) -> list[Json]:
    """Return what needs somebody, the accounts, and their figures; nothing for who looks after none."""
    sheet = ways.sheet
    found: list[Json] = []
    if sheet.others:
        found.append(heading(ways.wording.say("home.others")))
        found += [text(lines(words(ways, each, None))) for each in sheet.others]
    if sheet.managed:
        found.append(heading(ways.wording.say("home.accounts")))
        for each in sheet.managed:
            found += _account(ways, each)
        if sheet.more:
            found.append(small(ways.said("home.more_accounts", count=sheet.more)))
        if (url := ways.to_connect()) is not None:
            another = button(ways.wording.say("button.connect_another"), CONNECT, url=url)
            found.append({"type": "actions", "elements": [another]})
        found.append(heading(ways.wording.say("home.week")))
        found += [text(lines(_week(ways, each))) for each in sheet.managed]
    return found


def removed(ways: Ways) -> list[Json]:
    """Return what was removed lately, each in a line with the way back."""
    there = RESTORED[0] in ways.windows
    return [
        text(taken_back(ways, each), back(ways, each) if there else None) for each in ways.sheet.removed[:MOST_REMOVED]
    ]


def taken_back(ways: Ways, removed: Removed) -> Phrase:
    """Return that an account was removed, and until when that can be taken back."""
    account = removed.account
    network = ways.wording.say(f"network.{account.platform}")
    name = Words(text=account.name, bold=True)
    return ways.said("home.removed", account=name, network=network, when=At(moment=removed.until))


def back(ways: Ways, removed: Removed) -> Json:
    """Return the button that takes it back."""
    return button(ways.wording.say(RESTORED[1]), RESTORED[0], value=str(removed.account.id))


def _account(ways: Ways, managed: Managed) -> list[Json]:
    """Return how an account stands, and what can be done with it."""
    url = reconnect(ways, managed)
    pieces = [text(lines(whole(ways, managed, url))), small(joined(about(ways, managed), " · "))]
    acts = _acts(ways, managed, url)
    return [*pieces, {"type": "actions", "elements": acts}] if acts else pieces


def _acts(ways: Ways, managed: Managed, url: str | None) -> list[Json]:
    """Return what can be done with an account here; all but the login opens a window."""
    account, say = managed.account, ways.wording.say
    found = [] if url is None else [button(say("button.reconnect"), alerts.RECONNECT, url=url, first=True)]
    wish = RESUMED if account.wish is Wish.PAUSED else PAUSED
    windows = [(name, label) for name, label in (EDITED, CHECKED, wish, ICON) if name in ways.windows]
    found += [button(say(label), name, value=str(account.id)) for name, label in windows]
    if REMOVED[0] in ways.windows:
        found.append({**button(say(REMOVED[1]), REMOVED[0], value=str(account.id)), "style": "danger"})
    return found


def whole(ways: Ways, managed: Managed, url: str | None) -> list[Phrase]:
    """Return how an account stands, and what is wrong besides with what is set for it."""
    return [*standing(ways, managed, url), *(("⚠ ", *each) for each in tickets_stay(ways, managed))]


def standing(ways: Ways, managed: Managed, url: str | None) -> list[Phrase]:
    """Return what an account is called, how it stands, and why, in the words of its alerts. url: where that is mended."""
    account = managed.account
    known: dict[str, Filling] = {"account": Words(text=account.name), "network": _network(ways, managed)}
    title: Phrase = (Words(text=account.name, bold=True), " · ", ways.wording.say(f"network.{account.platform}"))
    told = [line for each in managed.troubles for line in words(ways, each, url)]
    if not told or account.wish is Wish.PAUSED:
        told = [ways.said(standing_of(account), **known), *told]
    if account.health is not Health.READY and not managed.troubles:
        told += [ways.said(key, **known) for key in causes(account, ways.wording)]
    return [title, *told]


def tickets_stay(ways: Ways, managed: Managed) -> list[Phrase]:
    """Say why an account's tickets get nowhere, as far as what is set tells."""
    settings = managed.account.settings
    match tickets.way_of(settings.ticket_sink):
        case None if settings.ticket_timer:
            return [ways.said("command.check_timer")]
        case "mail" if not ways.mail:
            return [ways.said("command.check_no_mail")]
        case "webhook" if not managed.signed:
            return [ways.said("command.check_unsigned")]
        case _:
            return []


def causes(account: Account, wording: Wording) -> list[str]:
    """Return the key of why an account cannot send, as exact as there are words for."""
    cause = account.cause or ""
    kind = KINDS.get(account.health, Kind.SETUP)
    choices = (f"cause.{kind}.{cause}", f"cause.{cause}", f"cause.{kind}")
    return [key for key in choices if key in wording][:1]


def _network(ways: Ways, managed: Managed) -> str:
    return ways.wording.say(f"network.{managed.account.platform}")


def standing_of(account: Account) -> str:
    """Return the key of how an account stands, in a line."""
    if account.wish is Wish.PAUSED:
        return "card.paused"
    return "home.ready" if account.health is Health.READY else account_line(account)


def words(ways: Ways, trouble: Trouble, url: str | None) -> list[Phrase]:
    """Return what its alert says."""
    job = _job(ways, trouble)
    return alerts.what_and_why(job, trouble.incident, ways.wording, linked=url is not None)


def _job(ways: Ways, trouble: Trouble) -> Job:
    account = next((each.account for each in ways.sheet.managed if each.account.id == trouble.incident.account), None)
    sheet = ways.sheet
    return Job(
        row=0,
        effect=ShowHome(workspace=sheet.workspace.id, person=sheet.person.ref),
        attempts=0,
        scene=None,
        workspace=sheet.workspace,
        account=account,
        incident=trouble.incident,
        waiting=trouble.waiting,
        language=ways.wording.language or "en",
    )


def reconnect(ways: Ways, managed: Managed) -> str | None:
    """Return where somebody logs in again, where that mends anything."""
    mended = any(each.incident.kind in alerts.MENDED_BY_LOGIN for each in managed.troubles)
    if not (mended or managed.account.health is Health.NEEDS_REAUTHENTICATION) or ways.links is None:
        return None
    return ways.links.reconnect(ways.sheet.workspace.id, managed.account.id)


def about(ways: Ways, managed: Managed) -> list[Phrase]:
    """Return where an account is shown, who answers, who owns it, and until when its login lasts."""
    settings = managed.account.settings
    where = ways.said("home.channel", channel=Place(channel=settings.channel))
    alerts_place = settings.alerts_channel or settings.channel
    found = [where, ways.said("home.alerts", channel=Place(channel=alerts_place))]
    found.append(agents(ways, managed.account))
    owners: list[Phrase] = [(Mention(person=each),) for each in settings.owners]
    found.append(ways.said("alert.owners", owners=joined(owners, " ")) if owners else ways.said("home.no_owner"))
    if managed.ends_at is not None:
        found.append(ways.said("home.ends", when=At(moment=managed.ends_at)))
    return found


def agents(ways: Ways, account: Account) -> Phrase:
    """Return who may answer an account's customers."""
    settings = account.settings
    some: list[Phrase] = [(Mention(person=each),) for each in settings.agents]
    some += [(Group(group=each),) for each in settings.agent_groups]
    return ways.said("home.agents", agents=joined(some, " ")) if some else ways.said("home.agents_all")


def _week(ways: Ways, managed: Managed) -> list[Phrase]:
    """Return the figures of an account."""
    values, wording = managed.figures, ways.wording
    filled: dict[str, Filling] = {name: value for name, value in values.items() if not isinstance(value, str)}
    found: list[Phrase] = [(Words(text=managed.account.name, bold=True),), ways.said("digest.asked", **filled)]
    for name, key in TIMES:
        if values.get(name) is not None:
            found.append(ways.said(key, **_lengths(name, managed, wording)))
    if values.get("lapsed"):
        found.append(ways.said("home.lapsed", **filled))
    if values.get("rated"):
        found.append(ways.said("digest.content", **filled))
    return found


def _lengths(name: str, managed: Managed, wording: Wording) -> dict[str, Filling]:
    values = managed.figures
    return {name: length(values.get(name), wording), "most": length(values.get(f"{name}_most"), wording)}
