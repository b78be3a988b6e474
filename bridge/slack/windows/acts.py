"""What can be done with a conversation in its window: a table. Whoever adds an act adds a line to it. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bridge.model.decision import Scene
from bridge.model.facts import Act
from bridge.model.ids import PersonRef
from bridge.model.state import Wish, Work
from bridge.rules.words import LONGEST
from bridge.slack.windows.forms import AnyField, Choice, Later, Member, Typed

WHOM = Member(name="whom", label="window.whom", optional=True)
GROUP = Choice(name="group", label="window.group", optional=True)
UNTIL = Later(name="until", label="window.until", longest=LONGEST)
OUTCOME = Typed(name="outcome", label="window.outcome", hint="window.outcome_hint", optional=True, most=40)
NOTE = Typed(name="text", label="window.note", hint="window.note_hint", lines=True)


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One act: what it is called, what is asked besides, and whether it is offered to somebody as things are."""

    act: Act
    label: str
    fields: Sequence[AnyField] = ()
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


def _blocked(scene: Scene, _: PersonRef) -> bool:
    return scene.customer.blocked is not None


def _seen(scene: Scene, person: PersonRef) -> bool:
    return not _blocked(scene, person)


OFFERS = (
    Offer(act=Act.TAKE, label="window.act_take", when=_not_theirs),
    Offer(act=Act.RELEASE, label="window.act_release", when=_owned),
    Offer(act=Act.ASSIGN, label="window.act_assign", fields=(WHOM, GROUP)),
    Offer(act=Act.NOTE, label="window.act_note", fields=(NOTE,)),
    Offer(act=Act.SNOOZE, label="window.act_snooze", fields=(UNTIL,), when=_open),
    Offer(act=Act.REOPEN, label="window.act_wake", when=_put_off),
    Offer(act=Act.CLOSE, label="window.act_close", fields=(OUTCOME,), when=_open),
    Offer(act=Act.REOPEN, label="window.act_reopen", when=_over),
    Offer(act=Act.BLOCK, label="window.act_block", when=_seen),
    Offer(act=Act.SPAM, label="window.act_spam", when=_seen),
    Offer(act=Act.UNBLOCK, label="window.act_unblock", when=_blocked),
)


def offered(scene: Scene, person: PersonRef) -> list[Offer]:
    """Return what can be done now; of an account that was removed nothing but notes."""
    possible = [each for each in OFFERS if each.when(scene, person)]
    return [each for each in possible if scene.account.wish is not Wish.REMOVED or each.act is Act.NOTE]


def fields_of(act: object) -> Sequence[AnyField]:
    """Return what an act asks besides."""
    return next((each.fields for each in OFFERS if each.act == act), ())
