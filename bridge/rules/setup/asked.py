"""Somebody wants something set up: it is done whole, or not at all and they read why.

Rule 1: `bridge.roles.authorise` is asked here, when it is decided: a window may have been open for long.
Rule 2: what somebody else has changed since they looked is not written over.
Rule 3: asked for twice is done once; who asks for what is so already reads just that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import assert_never

from bridge import lanes, roles, settings, tickets
from bridge.model.change import replace
from bridge.model.decision import Decision, Denied, Wait
from bridge.model.effects import LearnPerson, Queued
from bridge.model.ids import AccountId
from bridge.model.setup import (
    RESTORABLE,
    AnswerAsker,
    Beside,
    Change,
    IconChange,
    KeyChange,
    LanguageChange,
    SettingsChange,
    Setup,
    SetupAsked,
    WishChange,
)
from bridge.model.state import Account, Known, Said, Value, Wish, Workspace
from bridge.model.word import Word, field
from bridge.roles import Action
from bridge.rules.base import Context
from bridge.rules.customers import history
from bridge.rules.setup import names, people, routes, weighing
from bridge.wording import languages

GONE = Said(key="set_up.no_account")
WISHES = {Change.PAUSE: Wish.PAUSED, Change.RESUME: Wish.ON, Change.REMOVE: Wish.REMOVED}


class House(Word, kw_only=True):
    """What the rules look at: the workspace, all of its accounts, who is known. refs: how the desk reads what people type.

    removed: the account that is meant, where it is none of them any more. beside: what depends on the one that is meant.
    """

    workspace: Workspace
    accounts: Sequence[Account]
    known: Known
    refs: settings.Refs
    removed: Account | None = None
    beside: Beside = field(default_factory=Beside)

    def account(self, id: AccountId | None) -> Account | None:
        """One of them, or the one that was removed."""
        every = self.accounts if self.removed is None else (*self.accounts, self.removed)
        return next((each for each in every if each.id == id), None)


def decide(fact: SetupAsked, house: House, context: Context, *, waited: bool) -> Decision:
    """What becomes of it. *waited*: the time to learn who it is is over."""
    account = house.account(fact.account)
    if fact.account is not None and account is None:
        return Decision(effects=answered(fact, GONE))
    about = house.accounts if account is None else (account,)
    unknown = missing(fact, about, house.known)
    if unknown and not waited:
        return Decision(
            wait=Wait(until=context.moment.steady + context.rules.fact_wait, missing="person"), effects=unknown
        )
    ruling = roles.authorise(fact.person, Action.SET_UP, about, house.known)
    if isinstance(ruling, Denied):
        return Decision(effects=answered(fact, ruling.said))
    match fact.change:
        case Change.LANGUAGE:
            return _language(fact, house)
        case _ if account is None:
            return Decision(effects=answered(fact, GONE))
        case Change.PAUSE | Change.RESUME | Change.REMOVE:
            return _wish(fact, account, WISHES[fact.change], house.beside)
        case Change.ICON:
            return _icon(fact, account)
        case Change.KEY:
            return _key(fact, account, house.beside)
        case Change.RESTORE:
            return _restored(fact, account, house, context)
        case Change.SETTINGS | Change.ADD | Change.DROP:
            return _settings(fact, account, house, context)
        case _:
            assert_never(fact.change)


def missing(fact: SetupAsked, accounts: Sequence[Account], known: Known) -> tuple[Queued, ...]:
    """What asks the desk who it is, where that matters."""
    unknown = [roles.unknown_of(fact.person, Action.SET_UP, each, known)[0] for each in accounts]
    who = known.people.get(fact.person)
    asked = all(unknown) if unknown else who is None or who.admin is None
    return (lanes.queue(LearnPerson(workspace=fact.workspace, person=fact.person), position=0),) if asked else ()


def answered(
    fact: SetupAsked, said: Said, *, offers: Change | None = None, reconnect: bool = False
) -> tuple[Queued, ...]:
    """Tell whoever asked; offers, reconnect: as `AnswerAsker` has them."""
    told = _answer(fact, said, offers=offers, reconnect=reconnect)
    return (lanes.queue(told, position=lanes.micros(fact.at)),)


def _answer(fact: SetupAsked, said: Said, *, offers: Change | None = None, reconnect: bool = False) -> AnswerAsker:
    return AnswerAsker(
        workspace=fact.workspace,
        person=fact.person,
        said=said,
        at=fact.at,
        place=fact.place,
        handle=fact.handle,
        window=fact.window,
        account=fact.account,
        offers=offers,
        reconnect=reconnect,
    )


def done(fact: SetupAsked, changes: tuple[SettingsChange | IconChange | LanguageChange, ...], said: Said) -> Decision:
    """It is changed, and whoever asked reads it."""
    return Decision(setup=(Setup(who=fact.person, changes=changes),), effects=answered(fact, said))


def _language(fact: SetupAsked, house: House) -> Decision:
    language = fact.values.get("language", "").strip().lower()
    if language not in languages():
        return Decision(
            effects=answered(fact, Said(key="set_up.no_language", values={"languages": ", ".join(languages())}))
        )
    change = LanguageChange(workspace=fact.workspace, before=house.workspace.language, language=language)
    changes = () if language == house.workspace.language else (change,)
    return done(fact, changes, Said(key="set_up.language", values={"language": language}))


ALREADY = {Wish.PAUSED: "set_up.paused_already", Wish.ON: "set_up.on_already", Wish.REMOVED: "set_up.removed_already"}
OFFERED = {Change.PAUSE: Change.RESUME, Change.REMOVE: Change.RESTORE}
"""What takes a change back."""


def _is_now(account: Account, wish: Wish, beside: Beside) -> Said:
    """What they read of an account that has become so."""
    named: Mapping[str, Value] = {"account": account.name}
    match wish:
        case Wish.PAUSED:
            return Said(key="set_up.paused", values=named)
        case Wish.ON if beside.missed:
            return Said(key="set_up.resumed_with", values={**named, "count": beside.missed})
        case Wish.ON:
            return Said(key="set_up.resumed", values=named)
        case Wish.REMOVED:
            return Said(key="set_up.removed", values={**named, "days": RESTORABLE.days})
        case _:
            assert_never(wish)


def _wish(fact: SetupAsked, account: Account, wish: Wish, beside: Beside) -> Decision:
    if (refusal := unwished(account, wish)) is not None:
        return Decision(effects=answered(fact, refusal))
    said = _is_now(account, wish, beside)
    change = WishChange(account=account, wish=wish)
    setup = Setup(who=fact.person, changes=(change,))
    return Decision(setup=(setup,), effects=answered(fact, said, offers=OFFERED.get(fact.change)))


def unwished(account: Account, wish: Wish) -> Said | None:
    """Why an account does not become so: it is so already, or removed."""
    key = ALREADY[wish]
    if account.wish is wish:
        return Said(key=key, values={"account": account.name})
    if account.wish is Wish.REMOVED:
        return Said(key="set_up.is_removed", values={"account": account.name})
    return None


def _icon(fact: SetupAsked, account: Account) -> Decision:
    """Another picture, which stands in the store already; or none."""
    named: dict[str, Value] = {"account": account.name}
    icon = fact.values.get("icon") or None
    if account.wish is Wish.REMOVED:
        return Decision(effects=answered(fact, Said(key="set_up.is_removed", values=named)))
    if icon is None and account.icon is None:
        return Decision(effects=answered(fact, Said(key="set_up.no_icon", values=named)))
    key = "set_up.icon_gone" if icon is None else "set_up.icon"
    return done(fact, (IconChange(account=account, icon=icon),), Said(key=key, values=named))


def _key(fact: SetupAsked, account: Account, beside: Beside) -> Decision:
    """Another key signs its tickets, unless somebody else has just made one: whoever shows a key shows the one that counts."""
    named: dict[str, Value] = {"account": account.name}
    sealed = fact.values.get(tickets.SECRET)
    if account.wish is Wish.REMOVED:
        return Decision(effects=answered(fact, Said(key="set_up.is_removed", values=named)))
    if not sealed or fact.seen.get(tickets.SECRET, "") != beside.signer:
        return Decision(effects=answered(fact, Said(key="set_up.key_meanwhile", values=named)))
    change = KeyChange(account=account, sealed=sealed, before=beside.signed)
    answer = replace(_answer(fact, Said(key="set_up.key_made", values=named)), sealed=sealed)
    effects = (lanes.queue(answer, position=lanes.micros(fact.at)),)
    return Decision(setup=(Setup(who=fact.person, changes=(change,)),), effects=effects)


def _restored(fact: SetupAsked, account: Account, house: House, context: Context) -> Decision:
    refusal = unrestored(account, house.beside, context.moment.now)
    refusal = refusal or routes.crowded(house.accounts, account, account, context.rules.routes_per_channel)
    refusal = refusal or names.still_its_own(house.accounts, account)
    if refusal is not None:
        return Decision(effects=answered(fact, refusal))
    said = Said(key="set_up.restored", values={"account": account.name})
    setup = Setup(who=fact.person, changes=(WishChange(account=account, wish=Wish.ON),))
    return Decision(setup=(setup,), effects=answered(fact, said, reconnect=True))


def unrestored(account: Account, beside: Beside, now: datetime) -> Said | None:
    """Why what was removed cannot be taken back; None: it can."""
    named: dict[str, Value] = {"account": account.name}
    if account.wish is not Wish.REMOVED:
        return Said(key="set_up.not_removed", values=named)
    if beside.elsewhere:
        return Said(key="set_up.elsewhere", values=named)
    if beside.removed_at is None or now - beside.removed_at > RESTORABLE:
        return Said(key="set_up.too_late", values={**named, "days": RESTORABLE.days})
    return None


def _settings(fact: SetupAsked, account: Account, house: House, context: Context) -> Decision:
    named: dict[str, Value] = {"account": account.name}
    if account.wish is Wish.REMOVED:
        return Decision(effects=answered(fact, Said(key="set_up.is_removed", values=named)))
    stands = settings.shown(account.name, account.settings)
    wire = context.rules.wire[account.platform]
    pairs = {name: _resulting(fact.change, stands.get(name), text) for name, text in fact.values.items()}
    typed = names.handle(account, house.accounts)
    if (barred := people.barred(fact, account, typed, stands, pairs)) is not None:
        return Decision(effects=answered(fact, barred))
    others = [each for each in house.accounts if each.id != account.id]
    rules = context.rules
    for name, why in weighing.wrong(
        account,
        others,
        pairs,
        fact.seen,
        refs=house.refs,
        wire=wire,
        most=rules.routes_per_channel,
        loopback=rules.loopback,
        mail=rules.mail,
    ).items():
        if why.key == "set_up.other_hand":
            return Decision(
                effects=answered(fact, Said(key="set_up.changed_meanwhile", values=named | {"setting": name}))
            )
        return Decision(effects=answered(fact, _refused(account, why)))
    changed = settings.change(account, pairs, who=fact.person, refs=house.refs, wire=wire)
    if changed.audit is None:
        return _as_before(fact, account, house, stands)
    change = SettingsChange(
        account=account,
        name=changed.name,
        settings=changed.settings,
        before=changed.audit.before,
        after=changed.audit.after,
    )
    unsigned = "ticket_sink" in pairs and tickets.way_of(changed.settings.ticket_sink) == "webhook"
    waits = unsigned and not house.beside.signed
    told = people.said(fact, account, typed, stands, pairs)
    offers = Change.KEY if waits else None
    said = told or _is_set(change, waits=waits)
    decision = _told(fact, change, said, offers) if told is None else done(fact, (change,), said)
    if changed.settings.comments == account.settings.comments:
        return decision
    unheard = Said(key="set_up.comments_unheard", values=named) if changed.settings.comments else None
    late = None if unheard is None else _answer(fact, unheard)
    return replace(decision, effects=(*decision.effects, history.keep_subscribed(account, late)))


def _is_set(change: SettingsChange, *, waits: bool) -> Said:
    """What they read of settings that are changed; of hours the zone in which they count. waits: nothing signs its tickets."""
    named: dict[str, Value] = {"account": change.account.name}
    if waits:
        return Said(key="set_up.changed_unsigned", values=named)
    if change.settings.hours and "hours" in change.after:
        return Said(key="set_up.changed_hours", values={**named, "zone": change.settings.zone})
    return Said(key="set_up.changed", values=named)


def _told(fact: SetupAsked, change: SettingsChange, said: Said, offers: Change | None = None) -> Decision:
    """It is changed, and whoever asked reads what it was and is."""
    answer = replace(_answer(fact, said, offers=offers), before=_texts(change.before), after=_texts(change.after))
    effects = (lanes.queue(answer, position=lanes.micros(fact.at)),)
    return Decision(setup=(Setup(who=fact.person, changes=(change,)),), effects=effects)


def _texts(shown: Mapping[str, object]) -> dict[str, str]:
    return {name: settings.as_text(each) for name, each in shown.items()}


MOST_STANDING = 3
"""Settings whose values are told where nothing is different: those of a whole window are not."""


def _as_before(fact: SetupAsked, account: Account, house: House, stands: Mapping[str, object]) -> Decision:
    """Nothing is different, and how it stands is told; but that everybody shall answer, where nobody is named, is an answer to who shall, and kept once."""
    named: dict[str, Value] = {"account": account.name}
    everybody = fact.change is Change.SETTINGS and dict(fact.values) == {"agents": ""}
    if not everybody or house.beside.chosen:
        told = dict.fromkeys([*fact.values, *(["zone"] if "hours" in fact.values else [])])
        standing = {each: stands[each] for each in told if each in stands}
        texts = _texts(standing) if len(standing) <= MOST_STANDING else {}
        answer = replace(_answer(fact, Said(key="set_up.same", values=named)), before=texts, after=texts)
        return Decision(effects=(lanes.queue(answer, position=lanes.micros(fact.at)),))
    change = SettingsChange(
        account=account, name=account.name, settings=account.settings, before={}, after={"agents": []}
    )
    return done(
        fact,
        (change,),
        Said(key="set_up.agents_stay", values={**named, "typed": names.handle(account, house.accounts)}),
    )


SENTENCES = frozenset({"set_up.name_taken", "set_up.full", "set_up.no_mail", "set_up.timer_alone"})
"""What says by itself what is wrong and what to do."""


def _refused(account: Account, why: Said) -> Said:
    """What they read of settings that cannot be so."""
    if why.key in SENTENCES:
        return why
    return Said(key="set_up.refused", values={**why.values, "account": account.name, "reason_key": why.key})


def _resulting(change: Change, stands: object, text: str) -> str:
    """The text that a list is to have afterwards; of anything else what is given."""
    if change is Change.SETTINGS:
        return text
    there = [str(each) for each in stands] if isinstance(stands, list) else []
    given = [each.strip() for each in text.split(",") if each.strip()]
    if change is Change.ADD:
        return ",".join(dict.fromkeys([*there, *given]))
    return ",".join(each for each in there if each not in given)
