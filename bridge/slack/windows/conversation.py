"""*Conversation…*: who the customer is, how things stand, and everything that can be done. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from bridge.model.change import replace
from bridge.model.effects import RedrawCard
from bridge.model.facts import Act
from bridge.slack import cards
from bridge.slack.blocks import section
from bridge.slack.phrase import At, Link, Phrase, Words, joined, phrase
from bridge.slack.refs import permalink
from bridge.slack.windows import acts
from bridge.slack.windows.about import About
from bridge.slack.windows.forms import AnyField, Choice, Read, draw
from bridge.slack.windows.kinds import Drawing, Drawn, Window, job

ACT = Choice(name="act", label="window.act", redraws=True)


def _fields(about: About) -> Sequence[AnyField]:
    return (ACT, *acts.form_of(about.step).fields(about))


def _drawn(drawing: Drawing) -> Drawn:
    wording = drawing.wording
    offers = acts.offered(drawing.asked.scene, drawing.reader)
    act = next((str(each.act) for each in offers if each.act == drawing.chosen.values.get("act")), None)
    options = [(str(each.act), wording.say(each.label)) for each in offers]
    asks = acts.form_of(act).draw(replace(drawing, about=replace(drawing.about, step=act or "")))
    choice = [draw(ACT, wording, act, options)] if options else []
    return Drawn(blocks=[section(*_details(drawing)), *choice, *asks.blocks], about=asks.about)


def _details(drawing: Drawing) -> Iterator[Phrase]:
    """Yield who it is, how things stand as the card says it, and what was before."""
    asked, scene, wording = drawing.asked, drawing.asked.scene, drawing.wording
    yield cards.heading(scene, wording)
    if asked.first_at is not None:
        yield phrase(wording, "window.first_at", {"when": At(moment=asked.first_at)})
    card = RedrawCard(workspace=scene.workspace.id, conversation=scene.conversation.id)
    yield from cards.states(job(drawing, card), scene, wording, drawing.now)
    if asked.earlier:
        links: list[Phrase] = [
            (Link(url=permalink(scene.workspace.url, ref), label=wording.say("button.open")),) for ref in asked.earlier
        ]
        yield phrase(wording, "window.earlier", {"links": joined(links, " · ")})
    for end in asked.ends:
        agent = Words(text=asked.names.get(end.who) or wording.say("name.unknown_person"))
        outcome = Words(text=end.outcome) if end.outcome else None
        key = "window.ended_as" if outcome else "window.ended"
        yield phrase(wording, key, {"agent": agent, "when": At(moment=end.at), "outcome": outcome})


def _act(_: About, read: Read) -> Act | None:
    given = read.values.get("act")
    return next((each.act for each in acts.OFFERS if each.act == given), None)


def _check(about: About, read: Read) -> Mapping[str, str]:
    """Return what is wrong with the values together."""
    act = read.values.get("act")
    form = acts.form_of(act)
    if act != about.step and form.fields(about):
        return {"act": "error.desk_try_again"}  # its fields were still to come
    return form.check(about, read)


CONVERSATION = Window(
    name=Act.CONVERSATION,
    title="window.conversation.title",
    submit="button.do_it",
    draw=_drawn,
    fields=_fields,
    act=_act,
    check=_check,
    weigh=lambda read: acts.form_of(read.values.get("act")).weigh,
    wants_groups=lambda read: read.values.get("act") == Act.ASSIGN,
)
"""The shortcut in the menu of every message of a thread, and *More…* on the card."""
