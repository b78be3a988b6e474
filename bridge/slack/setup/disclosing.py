"""The window that asks before an account's automatic messages no longer say that a machine writes. Pure."""

from bridge.model.change import replace
from bridge.model.setup import Change, SetupSheet
from bridge.model.state import Said
from bridge.slack.blocks import section, small
from bridge.slack.phrase import Json
from bridge.slack.setup.about import MOST, About, written
from bridge.slack.setup.confirming import said
from bridge.slack.setup.kinds import Drawing, Drawn, SetupWindow, view

SETTING = "disclosure"


def asked(drawing: Drawing) -> Json | Said:
    """Return the question, which holds all that is wanted; or why it cannot be asked."""
    if len(written(drawing.about)) > MOST:
        return Said(key="set_up.too_much_to_ask")
    made = _draw(drawing)
    return made if isinstance(made, Said) else view(UNDISCLOSED, made, drawing.wording)


def is_asked(sheet: SetupSheet, wanted: dict[str, str]) -> bool:
    """Whether what is wanted leaves out what is said now."""
    return wanted.get(SETTING) == "off" and sheet.account.settings.disclosure


def about(before: About, wanted: dict[str, str]) -> About:
    """Return what the question is about."""
    seen = {name: mark for name, mark in before.seen.items() if name in wanted}
    return replace(before, section="", held=wanted, seen=seen)


def _draw(drawing: Drawing) -> Drawn | Said:
    if SETTING not in drawing.about.held:
        return Said(key="set_up.same", values={"account": drawing.sheet.account.name})
    rest = [small(said(drawing, "confirm.disclosure_rest"))] if len(drawing.about.held) > 1 else []
    return Drawn(blocks=[section(said(drawing, "disclosure.question")), *rest], about=drawing.about)


UNDISCLOSED = SetupWindow(
    name="setup:undisclosed",
    title="confirm.disclosure_title",
    submit="confirm.disclosure_off",
    change=Change.SETTINGS,
    draw=_draw,
    typed=lambda about, _: about.held,
)
