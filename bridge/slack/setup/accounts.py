"""``/bridge accounts`` and ``/bridge account NAME``: every account, how it stands and why, and what can be done with it. Pure."""

from collections.abc import Callable, Sequence
from functools import partial

from bridge.model.setup import Change
from bridge.model.sheet import Managed
from bridge.model.state import Account, Health, Wish
from bridge.rules.setup import names
from bridge.rules.setup.asked import WISHES, unwished
from bridge.settings import subject
from bridge.slack import alerts
from bridge.slack.homes import accounts as homes
from bridge.slack.homes.pieces import button
from bridge.slack.phrase import Filling, Json, Phrase, Place, Words, flat, joined, mrkdwn
from bridge.slack.setup import confirming, spoken
from bridge.slack.setup.room import (
    CHECK,
    EDIT,
    ICON,
    PAUSE,
    REMOVE,
    RESTORE,
    RESUME,
    Opening,
    Page,
    Room,
    saying,
    typed,
)
from bridge.slack.setup.spoken import Meant
from bridge.slack.setup.table import WINDOWS

ASKED = {
    Change.PAUSE: ("button.pause", PAUSE),
    Change.RESUME: ("button.resume", RESUME),
    Change.REMOVE: ("button.remove_account", REMOVE),
}
"""What is asked about before it is done, however it is asked for: what stands on the button, and which window it opens."""
MOST_LINES = 2_400
"""Characters of as many lines as stand in one block, where there are very many."""


def listing(room: Room) -> Json:
    """Return every account; the more there are, the less of each."""
    if not room.survey.managed and not room.survey.removed:
        return saying(room.said("command.no_account"), *([] if room.may() else [room.who_may()]))
    page = Page()
    if not room.survey.managed:
        page.say(room.said("command.no_account"))
        return _ended(room, page).json()
    for level in (_whole, _short, _bare):
        page = level(room)
        if page.fits:
            break
    return page.json()


def one(room: Room, managed: Managed) -> Json:
    """Return one account with all that can be done with it."""
    page = Page()
    _account(room, managed, page)
    if not room.may(managed.account):
        page.small(room.who_may())
    return page.json()


def removed(room: Room, account: Account) -> Json:
    """Return one that was removed."""
    page = Page()
    page.say(room.said("command.account_removed", account=room.name(account), network=room.network(account)))
    if room.may(account):
        page.buttons(room.press("button.restore", RESTORE, account))
    return page.json()


def asking(change: Change, room: Room, account: Account) -> Json | Opening:
    """Return the window that asks whether an account is to be paused, resumed or removed, or why it cannot: typed, none of it is done.

    Where Slack opens none, the same is said in an answer, with the button that opens it.
    """
    if (refusal := unwished(account, WISHES[change])) is not None:
        return saying(room.said(refusal.key, account=room.name(account)))
    page, known = Page(), confirming.known(account, room.wording)
    question, *rest = confirming.QUESTIONS[change]
    page.say(room.said(question, **known))
    for each in [*(["confirm.resume_shown"] if change is Change.RESUME else []), *rest]:
        page.small(room.said(each, **known))
    label, act = ASKED[change]
    made = room.press(label, act, account)
    page.buttons({**made, "style": "danger"} if change is Change.REMOVE else made)
    return Opening(window=act, account=account, otherwise=page.json())


def editing(room: Room, account: Account) -> Json:
    """Return the button that opens the window with an account's settings."""
    page = Page()
    page.say(room.said("command.edit_ask", account=room.name(account)))
    page.buttons(room.press("button.edit_account", EDIT, account, first=True))
    return page.json()


def reconnecting(room: Room, account: Account) -> Json:
    """Return the link by which somebody logs in to an account again."""
    url = None if room.links is None else room.links.reconnect(room.survey.workspace.id, account.id)
    if url is None:
        return saying(room.said("usage.connect_nowhere"))
    page = Page()
    page.say(room.said("command.reconnect_ask", account=room.name(account), network=room.network(account)))
    page.buttons(button(room.wording.say("button.reconnect"), alerts.RECONNECT, url=url, first=True))
    return page.json()


Again = Callable[[str], str]
"""The command that was typed, with another name of an account in it."""


def about(room: Room, name: str, again: Again) -> Account | Json:
    """Return the account that is meant: the one named, the only one, or the only one that is shown where it was typed."""
    there = room.survey.accounts
    if not there:
        return listing(room)
    if name:
        meant = spoken.which(name, there)
        return meant.account or not_one(room, meant, name, again)
    if len(there) == 1:
        return there[0]
    here = [each for each in there if each.settings.channel == room.asked.place]
    return here[0] if len(here) == 1 else choose(room, again)


def not_one(room: Room, meant: Meant, name: str, again: Again) -> Json:
    """Say that no account is called so, or that several are, and give the command for those that may be meant."""
    named = Words(text=spoken.typed(spoken.pasted(name)))
    if meant.several:
        ids = [typed(again(subject(each))) for each in meant.several[:20]]
        return saying(room.said("command.which_of", name=named, accounts=room.called(meant.several)), *ids)
    if meant.near:
        commands = joined([typed(again(room.handle(each))) for each in meant.near], room.wording.between)
        return saying(room.said("command.account_near", name=named, commands=commands))
    return saying(room.said("command.account_unknown", name=named, accounts=room.called(room.survey.accounts[:20])))


def choose(room: Room, again: Again) -> Json:
    """Ask which account is meant, with the command for one of them."""
    accounts = room.survey.accounts
    if not accounts:
        return listing(room)
    return saying(
        room.said("command.which", accounts=room.called(accounts[:20]), command=typed(again(room.handle(accounts[0]))))
    )


# ── how much of each ──────────────────────────────────────────────────────────────────────────────────────


def _whole(room: Room) -> Page:
    page = Page()
    page.heading(room.wording.say("home.accounts"))
    for each in room.survey.managed:
        _account(room, each, page)
    return _ended(room, page)


def _short(room: Room) -> Page:
    """Each in a block of its own, and one button that shows the rest of it."""
    page = Page()
    page.heading(room.wording.say("home.accounts"))
    for each in room.survey.managed:
        page.say(line(room, each), beside=room.press("button.check", CHECK, each.account))
    return _ended(room, page)


def _bare(room: Room) -> Page:
    """One line each, as many of them in a block as it holds."""
    page = Page()
    page.heading(room.wording.say("home.accounts"))
    for some in in_blocks([line(room, each, why=False) for each in room.survey.managed]):
        page.say(*some)
    return _ended(room, page)


def in_blocks(lines: Sequence[Phrase], most: int = MOST_LINES) -> list[list[Phrase]]:
    """Return lines in as few groups as blocks are needed for them."""
    groups: list[list[Phrase]] = []
    size = most
    for each in lines:
        length = len(mrkdwn(each)) + 1
        if size + length > most:
            groups.append([])
            size = 0
        groups[-1].append(each)
        size += length
    return groups


def _ended(room: Room, page: Page) -> Page:
    back = room.restorable[: homes.MOST_REMOVED]
    for each in back:
        page.say(homes.taken_back(room.ways, each), beside=homes.back(room.ways, each))
    others = [each for each in room.survey.removed if each.id not in {one.account.id for one in back}]
    if others:
        example = names.handle(others[0], [*room.survey.accounts, *others])
        page.small(room.said("command.removed_ones", accounts=room.called(others[:20]), typed=example))
    if not room.may():
        page.small(room.who_may())
    elif room.survey.managed:
        page.small(room.said("command.accounts_help", typed=room.example))
    return page


def _account(room: Room, managed: Managed, page: Page) -> None:
    ways, account = room.ways, managed.account
    url = homes.reconnect(ways, managed) if room.may(account) else None
    page.say(*homes.whole(ways, managed, url))
    page.small(joined([(f"`{subject(account)}`",), *homes.about(ways, managed)], " · "))
    page.buttons(*_buttons(room, account, url))


def _buttons(room: Room, account: Account, url: str | None) -> list[Json]:
    check = room.press("button.check", CHECK, account)
    if not room.may(account):
        return [check]
    paused = account.wish is Wish.PAUSED
    wish = ("button.resume", RESUME) if paused else ("button.pause", PAUSE)
    mends = [button(room.wording.say("button.reconnect"), alerts.RECONNECT, url=url, first=True)] if url else []
    return [
        *mends,
        room.press("button.edit_account", EDIT, account),
        check,
        room.press(*wish, account),
        *([room.press("button.icon", ICON, account)] if ICON in WINDOWS else []),
        {**room.press("button.remove_account", REMOVE, account), "style": "danger"},
    ]


def line(room: Room, managed: Managed, *, why: bool = True) -> Phrase:
    """Return an account and how it stands in one line."""
    account, ways = managed.account, room.ways
    named: dict[str, Filling] = {"account": Words(text=account.name, bold=True), "network": room.network(account)}
    if account.wish is Wish.ON and account.health is Health.READY and not managed.troubles:
        return room.said("command.line_ready", channel=Place(channel=account.settings.channel), **named)
    about = [room.said("command.line_paused", **named)] if account.wish is Wish.PAUSED else []
    for trouble in managed.troubles:
        about += homes.words(ways, trouble, None)[: 2 if why else 1]
    if not about:
        about.append(room.said(homes.standing_of(account), **named))
        about += [room.said(key, **named) for key in homes.causes(account, room.wording) if why]
    return joined([*_named_first(account, about), (Place(channel=account.settings.channel),)], " · ")


def _named_first(account: Account, about: list[Phrase]) -> list[Phrase]:
    """Return lines with the account's name before them, where the first does not hold it."""
    if account.name in flat(about[0]):
        return about
    return [(Words(text=account.name, bold=True),), *about]


Verb = Callable[[Room, Account], Json | Opening]
VERBS: dict[str, Verb] = {
    **{change.value: partial(asking, change) for change in ASKED},
    "reconnect": reconnecting,
}
"""What is answered at once to who may set up."""
