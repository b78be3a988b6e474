"""What the customers of a scene do on their phones, and the shop on its own: one function for each verb."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from bridge.demo.cast import CUSTOMERS
from bridge.demo.meta import Customer, MetaStandIn
from bridge.demo.meta.world import Bubble
from bridge.demo.waits import SceneError

Beside = Mapping[str, Any]
LAST: Final = "last"


async def _sends(meta: MetaStandIn, customer: Customer, what: str, beside: Beside) -> None:
    if what == "story_mention":
        await meta.story_mention(customer)
        return
    wish: dict[str, Any] = {name: str(beside[name]) for name in ("which", "title", "text") if name in beside}
    wish |= {"reply_to": _found(customer, str(beside["quotes"])).mid} if "quotes" in beside else {}
    await meta.send(customer, what, **wish)


async def _taps(meta: MetaStandIn, customer: Customer, what: str, _: Beside) -> None:
    offered = [each for bubble in customer.bubbles[-1:] for each in bubble.quick_replies if each["title"] == what]
    if offered:
        await meta.write(customer, what, quick_reply=offered[0]["payload"])
    else:
        await meta.tap(customer, what, what)


async def _reacts(meta: MetaStandIn, customer: Customer, what: str, beside: Beside) -> None:
    await meta.react(customer, _said_by_shop(meta, customer, beside).mid, what)


async def _unreacts(meta: MetaStandIn, customer: Customer, what: str, beside: Beside) -> None:
    await meta.unreact(customer, _said_by_shop(meta, customer, dict(beside) | {"on": what}).mid)


async def _unsends(meta: MetaStandIn, customer: Customer, what: str, beside: Beside) -> None:
    await meta.unsend(customer, _found(customer, what, own=True).mid, told=not beside.get("silently", False))


async def _corrects(meta: MetaStandIn, customer: Customer, what: str, _: Beside) -> None:
    written = [bubble for bubble in customer.bubbles if bubble.from_ == "customer" and bubble.text]
    if not written:
        raise SceneError("there is no message to correct")
    await meta.edit(customer, written[-1].mid, what)


async def _story(meta: MetaStandIn, customer: Customer, what: str, _: Beside) -> None:
    await meta.story_reply(customer, what)


async def _comes(meta: MetaStandIn, customer: Customer, what: str, beside: Beside) -> None:
    japanese = any(person.lang == "ja" for person in CUSTOMERS if person.name == customer.name)
    title = str(beside.get("title", "春の新作" if japanese else "Spring collection"))
    await meta.arrive(customer, what, title=title)


async def _comments(meta: MetaStandIn, customer: Customer, what: str, beside: Beside) -> None:
    await meta.comment(customer.account, what, by=customer, under=str(beside.get("under", "FEED")))


async def _renames(meta: MetaStandIn, customer: Customer, what: str, _: Beside) -> None:
    await meta.rename(customer, name=what)


async def _natively(meta: MetaStandIn, customer: Customer, what: str, beside: Beside) -> None:
    choices = [each.strip() for each in str(beside.get("choices", "")).split(",") if each.strip()]
    await meta.native_send(customer, text=what, choices=choices)


async def _other_app(meta: MetaStandIn, customer: Customer, what: str, _: Beside) -> None:
    if what not in {"takes", "returns"}:
        raise SceneError("another app takes a conversation, or returns it")
    await meta.other_app(customer, takes=what == "takes")


Do = Callable[[MetaStandIn, Customer, str, Beside], Awaitable[None]]
DEEDS: Final[Mapping[str, tuple[Do, frozenset[str]]]] = {
    "sends": (_sends, frozenset({"which", "title", "text", "quotes"})),
    "taps": (_taps, frozenset()),
    "reacts": (_reacts, frozenset({"on"})),
    "unreacts": (_unreacts, frozenset()),
    "unsends": (_unsends, frozenset({"silently"})),
    "corrects": (_corrects, frozenset()),
    "answers_story": (_story, frozenset()),
    "comes": (_comes, frozenset({"title"})),
    "comments": (_comments, frozenset({"under"})),
    "renames": (_renames, frozenset()),
    "natively": (_natively, frozenset({"choices"})),
    "other_app": (_other_app, frozenset()),
}
"""Each verb, what does it, and what may be said beside it; `who` may always.

`sends` takes a kind of `meta.kinds`, or ``story_mention``. A message is meant by words of it, by the type of its
attachment, or as ``last``.
"""


def quoted(customer: Customer, words: str) -> str:
    """Return the mid of the newest message that is meant by `words`, whoever said it."""
    return _found(customer, words).mid


def _said_by_shop(meta: MetaStandIn, customer: Customer, beside: Beside) -> Bubble:
    words = str(beside.get("on", LAST))
    if words != LAST:
        return _found(customer, words)
    answers = meta.sent(customer)
    if not answers:
        raise SceneError("there is no answer to react to")
    return answers[-1]


def _found(customer: Customer, words: str, *, own: bool = False) -> Bubble:
    shown = [bubble for bubble in customer.bubbles if not bubble.removed and (bubble.from_ == "customer" or not own)]
    meant = [
        bubble
        for bubble in shown
        if words == LAST or words in (bubble.text or "") or words in {each["type"] for each in bubble.attachments}
    ]
    if not meant:
        raise SceneError(f"the phone shows nothing like {words}")
    return meant[-1]
