"""What can be done with a conversation in its window: a table. Whoever adds an act adds a line to it. Pure."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from bridge import roles
from bridge.model.asked import Asked
from bridge.model.decision import Denied, Scene
from bridge.model.facts import Act
from bridge.model.ids import PersonRef
from bridge.model.state import Block, Wish, Work
from bridge.model.word import Word
from bridge.rules.acts.words import LONGEST
from bridge.slack.windows import answering, saving
from bridge.slack.windows.about import About
from bridge.slack.windows.forms import AnyField, Channel, Choice, Later, Member, Read, Typed, draw
from bridge.slack.windows.kinds import Drawing, Drawn, Form

WHOM = Member(name="whom", label="window.whom", optional=True)
GROUP = Choice(name="group", label="window.group", optional=True)
PLACE = Choice(name="place", label="window.place")
UNTIL = Later(name="until", label="window.until", longest=LONGEST)
OUTCOME = Typed(name="outcome", label="window.outcome", hint="window.outcome_hint", optional=True, most=40)
SOON = timedelta(hours=2)
CHANNEL = Channel(name="channel", label="window.channel")
COLLEAGUE = Member(name="whom", label="window.colleague", optional=True)
QUESTION = Typed(name="text", label="window.question", hint="window.question_hint", lines=True)
NOTE = Typed(name="text", label="window.note", hint="window.note_hint", lines=True)


def plainly(*fields: AnyField) -> Form:
    """Return a form of these fields, each with what stood in it."""

    def drawn(drawing: Drawing) -> Drawn:
        blocks = [draw(each, drawing.wording, drawing.chosen.values.get(each.name)) for each in fields]
        return Drawn(blocks=blocks, about=drawing.about)

    return Form(fields=lambda _: fields, draw=drawn)


def _whom(drawing: Drawing) -> Drawn:
    """Draw whom to ask: a member, or one of the workspace's groups, if there are any."""
    whom = draw(WHOM, drawing.wording, drawing.chosen.values.get(WHOM.name))
    groups = list(drawing.groups.items())
    group = [draw(GROUP, drawing.wording, drawing.chosen.values.get(GROUP.name), groups)] if groups else []
    return Drawn(blocks=[whom, *group], about=drawing.about)


def _one_of_them(_: About, read: Read) -> Mapping[str, str]:
    both_or_none = (read.values.get(WHOM.name) is None) == (read.values.get(GROUP.name) is None)
    return {WHOM.name: "window.whom_or_group"} if both_or_none else {}


def _may_answer(asked: Asked, _: About, read: Read) -> Mapping[str, str]:
    whom = read.values.get(WHOM.name)
    ruling = None if whom is None else roles.may_act(PersonRef(str(whom)), asked.scene)
    return {WHOM.name: "window.may_not_answer"} if isinstance(ruling, Denied) else {}


def _until(drawing: Drawing) -> Drawn:
    """Draw until when, at first the time until which a conversation is most often put off."""
    until = drawing.chosen.values.get(UNTIL.name) or int((drawing.now + SOON).timestamp())
    return Drawn(blocks=[draw(UNTIL, drawing.wording, until)], about=drawing.about)


def _where(drawing: Drawing) -> Drawn:
    """Draw in whose channel the conversation is to go on: those of other accounts."""
    scene = drawing.asked.scene
    places = {each.settings.channel: each.name for each in reversed(scene.others) if each.wish is Wish.ON}
    usable = [(str(place), name) for place, name in reversed(places.items()) if place != scene.place]
    return Drawn(blocks=[draw(PLACE, drawing.wording, options=usable)], about=drawing.about)


NOTHING = plainly()
FORWARDING = Form(fields=lambda _: (PLACE,), draw=_where)
ASSIGNING = Form(fields=lambda _: (WHOM, GROUP), draw=_whom, check=_one_of_them, weigh=_may_answer)
PUTTING_OFF = Form(fields=lambda _: (UNTIL,), draw=_until)


class Offer(Word, kw_only=True):
    """One act: what it is called, what is asked besides, and whether it is offered to somebody as things are."""

    act: Act
    label: str
    form: Form = NOTHING
    when: Callable[[Scene, PersonRef], bool] = lambda _, __: True


def _open(scene: Scene, _: PersonRef) -> bool:
    return scene.conversation.work is not Work.CLOSED and scene.customer.blocked is None


def _over(scene: Scene, _: PersonRef) -> bool:
    return scene.conversation.work is Work.CLOSED and scene.customer.blocked is None


def _put_off(scene: Scene, _: PersonRef) -> bool:
    return scene.conversation.work is Work.SNOOZED and scene.customer.blocked is None


def _not_theirs(scene: Scene, person: PersonRef) -> bool:
    return scene.conversation.owner != person


def _owned(scene: Scene, _: PersonRef) -> bool:
    return scene.conversation.owner is not None or scene.conversation.owner_group is not None


def _waits(scene: Scene, _: PersonRef) -> bool:
    return scene.conversation.work in (Work.WAITING, Work.SNOOZED)


def _elsewhere(scene: Scene, _: PersonRef) -> bool:
    usable = {each.settings.channel for each in scene.others if each.wish is Wish.ON}
    return bool(usable - {scene.place})


def _away(scene: Scene, _: PersonRef) -> bool:
    return scene.forwarded is not None


def _blocked(scene: Scene, _: PersonRef) -> bool:
    return scene.customer.blocked is not None


def _no_spam(scene: Scene, _: PersonRef) -> bool:
    return scene.customer.blocked is not Block.SPAM


def _seen(scene: Scene, person: PersonRef) -> bool:
    return not _blocked(scene, person)


OFFERS = (
    Offer(act=Act.ANSWER, label="window.act_answer", form=answering.FORM, when=_seen),
    Offer(act=Act.TAKE, label="window.act_take", when=_not_theirs),
    Offer(act=Act.RELEASE, label="window.act_release", when=_owned),
    Offer(act=Act.ASSIGN, label="window.act_assign", form=ASSIGNING),
    Offer(act=Act.NOTE, label="window.act_note", form=plainly(NOTE)),
    Offer(act=Act.ASK, label="window.act_ask", form=plainly(CHANNEL, COLLEAGUE, QUESTION)),
    Offer(act=Act.SNOOZE, label="window.act_snooze", form=PUTTING_OFF, when=_open),
    Offer(act=Act.REOPEN, label="window.act_wake", when=_put_off),
    Offer(act=Act.CLOSE, label="window.act_close", form=plainly(OUTCOME), when=_open),
    Offer(act=Act.NO_ANSWER, label="window.act_no_answer", when=_waits),
    Offer(act=Act.REOPEN, label="window.act_reopen", when=_over),
    Offer(act=Act.FORWARD, label="window.act_forward", form=FORWARDING, when=_elsewhere),
    Offer(act=Act.UNFORWARD, label="window.act_unforward", when=_away),
    Offer(act=Act.TICKET, label="window.act_ticket", when=_seen),
    Offer(act=Act.EXPORT, label="window.act_export"),
    Offer(act=Act.BLOCK, label="window.act_block", when=_seen),
    Offer(act=Act.SPAM, label="window.act_spam", when=_no_spam),
    Offer(act=Act.UNBLOCK, label="window.act_unblock", when=_blocked),
    Offer(act=Act.SAVE_REPLY, label="window.act_save_reply", form=saving.FORM),
    Offer(act=Act.DELETE_REPLY, label="window.act_delete_reply", form=saving.DELETING),
)


HARMLESS = frozenset({Act.NOTE, Act.EXPORT})


def offered(scene: Scene, person: PersonRef) -> list[Offer]:
    """Return what can be done now; of an account that was removed nothing that would change anything."""
    possible = [each for each in OFFERS if each.when(scene, person)]
    return [each for each in possible if scene.account.wish is not Wish.REMOVED or each.act in HARMLESS]


def form_of(act: object) -> Form:
    """Return what an act asks besides."""
    return next((each.form for each in OFFERS if each.act == act), NOTHING)
