"""The forms: what is offered of a login's accounts, what somebody chose, and how it came out, in words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

from bridge.checklist import by_hand
from bridge.connect.flow import Candidate, Result, called
from bridge.connect.visit import Progress, Visit
from bridge.connect.work import Choice, Work
from bridge.model.change import asdict, replace
from bridge.model.ids import AccountId, PlaceRef, WorkspaceId
from bridge.model.state import Account, AccountSettings, Health, Platform, Wish
from bridge.model.word import Word
from bridge.rules.setup import names, routes
from bridge.settings import MOST_NAME
from bridge.slack.probe import Channel, NoSlack, SlackProbe
from bridge.slack.refs import permalink
from bridge.wording import Wording
from bridge.wording.pages import PageWording

SEEN_WITHIN: Final = 3.0
"""Seconds (real time) that a page waits for the notice to stand in the channel."""
LOOK_EVERY: Final = 0.15


class Form:
    """What a form holds: names, each with any number of values."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._pairs = pairs

    def one(self, name: str) -> str:
        """The first value; empty where there is none."""
        return next((value.strip() for key, value in self._pairs if key == name), "")

    def many(self, name: str) -> list[str]:
        """All of them."""
        return [value.strip() for key, value in self._pairs if key == name]


def unfit_name(name: str) -> str | None:
    """Why an account cannot be called so: the key of a sentence; None: it can."""
    if not name:
        return "pick.no_name"
    if not name.isprintable():
        return "pick.hidden_name"
    return "pick.long_name" if len(name) > MOST_NAME else None


class Unfit(Word, kw_only=True):
    """What does not fit, in a sentence, and the field of the form that it is about; empty: the whole of it."""

    sentence: str
    field: str = ""


class Chosen(Word, kw_only=True):
    """One account that somebody ticked."""

    key: str
    name: str
    channel: str
    called: str
    """The channel's name."""

    @property
    def kept(self) -> dict[str, str]:
        """As it is kept until it stands."""
        return {"name": self.name, "channel": self.channel, "called": self.called}


def _crowded(visit: Visit, each: Candidate, channel: str, accounts: Sequence[Account], beside: int, most: int) -> bool:
    """Whether an account cannot come into a channel; where it is already it stays. beside: chosen for it in the same form."""
    if each.renews and each.known is not None and each.known.settings.channel == channel:
        return False
    names = routes.there(accounts, visit.ticket.workspace, each.platform, channel, but=each.remote_id)
    return routes.full([*names, *[""] * beside], most) is not None


def _meant(visit: Visit, each: Candidate) -> Account:
    """The account as it is here, or as it would be."""
    return each.known or Account(
        id=AccountId(0),
        workspace=visit.ticket.workspace,
        platform=each.platform,
        remote_id=each.remote_id or "",
        name="",
        login=each.login,
        wish=Wish.ON,
        health=Health.PENDING,
        cause=None,
        settings=AccountSettings(channel=PlaceRef("")),
    )


def _taken(
    visit: Visit, each: Candidate, name: str, accounts: Sequence[Account], beside: Sequence[tuple[Platform, str]]
) -> bool:
    """Whether another account of its network has the name. beside: what others get in the same form."""
    there = names.clash(accounts, _meant(visit, each), name) is not None
    return there or (each.platform, names.plain(name)) in beside


def _proposed(visit: Visit, open_ones: Sequence[Candidate], accounts: Sequence[Account]) -> list[str]:
    """What each may be called: by its own name, told apart from every other account of the workspace, whatever its network."""
    mine = {(each.platform, each.remote_id) for each in open_ones if each.known is not None}
    there = [
        each.name
        for each in accounts
        if each.workspace == visit.ticket.workspace
        and each.wish is not Wish.REMOVED
        and (each.platform, each.remote_id) not in mine
    ]
    there += [each.known.name for each in open_ones if each.known is not None]
    found: list[str] = []
    for each in open_ones:
        network = Wording(visit.language).say(f"network.{each.platform}")
        name = each.known.name if each.known is not None else names.told_apart(each.name, network, there, MOST_NAME)
        found.append(name)
        there.append(name)
    return found


class Choosing:
    """Offers and reads; keeps nothing."""

    def __init__(self, *, work: Work, probe_for: Callable[[WorkspaceId], SlackProbe | None]) -> None:
        self._work = work
        self._probe_for = probe_for

    async def _channels(self, visit: Visit) -> tuple[Channel, ...] | NoSlack:
        """The channels of the link's own workspace."""
        probe = self._probe_for(visit.ticket.workspace)
        return NoSlack(code="no_token") if probe is None else await probe.channels()

    # -- which accounts

    async def shown(self, visit: Visit, found: Sequence[Candidate], form: Form | None) -> dict[str, Any]:
        """What the page of choices needs."""
        listed = await self._channels(visit)
        channels = () if isinstance(listed, NoSlack) else listed
        open_ones = [each for each in found if each.lack is None]
        house = await self._work.house(visit.ticket.workspace)
        called_so = _proposed(visit, open_ones, house.accounts)
        return {
            "channels": channels,
            "no_channels": "slack_silent" if isinstance(listed, NoSlack) else "no_channel",
            "open": [
                self._offered(visit, each, channels, form, name=name, alone=len(open_ones) == 1)
                for each, name in zip(open_ones, called_so, strict=True)
            ],
            "closed": [each for each in found if each.lack is not None],
            "alerts": form.one("alerts") if form is not None else visit.ticket.alerts_channel or "",
        }

    def _offered(
        self, visit: Visit, each: Candidate, channels: Sequence[Channel], form: Form | None, *, name: str, alone: bool
    ) -> dict[str, Any]:
        there = {channel.place for channel in channels}
        only = channels[0].place if len(channels) == 1 else None
        own = each.known.settings.channel if each.renews and each.known is not None else None
        # What is connected stays where it is, unless somebody says otherwise: not by where the link was asked for.
        choices = (visit.ticket.channel, only) if own is None else (own,)
        place = next((choice for choice in choices if choice in there), "")
        offered = {"chosen": alone, "name": name, "channel": place}
        if form is not None:
            offered = {
                "chosen": each.key in form.many("account"),
                "name": form.one(f"name {each.key}"),
                "channel": form.one(f"channel {each.key}"),
            }
        return {
            "key": each.key,
            "called": called(each),
            "platform": each.platform.value,
            "page": each.page,
            "renews": each.renews,
            **offered,
        }

    async def chosen(self, visit: Visit, found: Sequence[Candidate], form: Form) -> list[Chosen] | Unfit:
        """What somebody chose, or what does not fit."""
        words = PageWording(visit.language)
        listed = await self._channels(visit)
        there = {} if isinstance(listed, NoSlack) else {str(channel.place): f"#{channel.name}" for channel in listed}
        ticked = [each for each in found if each.lack is None and each.key in form.many("account")]
        if not ticked:
            return Unfit(sentence=words.say("pick.none"))
        house, most = await self._work.house(visit.ticket.workspace), self._work.most_in_a_channel
        chosen: list[Chosen] = []
        beside: list[tuple[Platform, str]] = []
        taken: list[tuple[Platform, str]] = []
        for each in ticked:
            name, channel = form.one(f"name {each.key}"), form.one(f"channel {each.key}")
            unfit = unfit_name(name) or ("pick.taken" if _taken(visit, each, name, house.accounts, taken) else None)
            if unfit is not None:
                sentence = words.say(unfit, account=called(each), count=len(name))
                return Unfit(sentence=sentence, field=f"name {each.key}")
            if channel not in there:
                return Unfit(sentence=words.say("pick.no_place", account=called(each)), field=f"channel {each.key}")
            if _crowded(visit, each, channel, house.accounts, beside.count((each.platform, channel)), most):
                sentence = words.say("pick.full", account=called(each), most=most)
                return Unfit(sentence=sentence, field=f"channel {each.key}")
            beside.append((each.platform, channel))
            taken.append((each.platform, names.plain(name)))
            chosen.append(Chosen(key=each.key, name=name, channel=channel, called=there[channel]))
        alerts = form.one("alerts")
        if not alerts or alerts in there:
            return chosen
        return Unfit(sentence=words.say("pick.no_place", account=words.say("pick.alerts")), field="alerts")

    def choice(self, visit: Visit, candidate: Candidate, wanted: dict[str, str], alerts: str) -> Choice:
        """How it shall be kept: what is known of it stays, but for what was chosen."""
        place, beside = PlaceRef(wanted["channel"]), PlaceRef(alerts) if alerts else None
        if candidate.known is not None:
            settings = replace(candidate.known.settings, channel=place)
            return Choice(
                name=wanted["name"], settings=replace(settings, alerts_channel=beside) if beside else settings
            )
        owners = (visit.ticket.person,) if visit.ticket.person is not None else ()
        return Choice(
            name=wanted["name"], settings=AccountSettings(channel=place, alerts_channel=beside, owners=owners)
        )

    # -- how it came out

    def items(self, progress: Progress) -> list[str]:
        """What somebody must look at themselves."""
        return list(by_hand({Platform(key.partition(":")[0]) for key, _ in progress.results}))

    def ticked(self, progress: Progress, form: Form) -> tuple[str, ...]:
        """What of it somebody says is so."""
        said = set(form.many("confirmed"))
        return tuple(item for item in self.items(progress) if item in said)

    async def results(self, visit: Visit, progress: Progress) -> list[dict[str, Any]]:
        """Each account, in words; with the notice about it, once it stands in its channel."""
        found = progress.results
        loop = asyncio.get_running_loop()
        deadline = loop.time() + SEEN_WITHIN
        notices = await self._notices(visit, found)
        while any(each is not None and not each["url"] for each in notices) and loop.time() < deadline:
            await asyncio.sleep(LOOK_EVERY)
            notices = await self._notices(visit, found)
        return [
            {
                **asdict(result),
                "sentence": self.sentence(visit, result.why or "", name=result.name, key=key, code=result.code),
                "notice": notice,
            }
            | (
                {"notice": {**notice, "channel": progress.wanted[key]["called"]}}
                if notice and key in progress.wanted
                else {}
            )
            for (key, result), notice in zip(found, notices, strict=True)
        ]

    async def _notices(self, visit: Visit, found: Sequence[tuple[str, Result]]) -> list[dict[str, str] | None]:
        refs = await self._work.notices([result for _, result in found])
        url = visit.house.workspace.url if visit.house.workspace is not None else ""
        return [
            None
            if ref is None
            else {"channel": ref.place, "url": permalink(url, ref.post) if ref.post is not None else ""}
            for ref in refs
        ]

    def sentence(self, visit: Visit, why: str, *, name: str = "", key: str = "", code: str = "") -> str:
        """A reason in the reader's language, from the catalogue that people in Slack get theirs from. key: of the account."""
        wording = Wording(visit.language)
        platform = key.partition(":")[0]
        network = wording.say(f"network.{platform}") if platform else "Meta"
        named = name or PageWording(visit.language).say("page.account")
        why = why if why in wording else "error.other"
        return wording.say(why, account=named, network=network, customer="", channel="", app="", code=code)
