"""Windows in which somebody confirms what becomes of an account: each says what it would mean, in figures. Pure."""

from collections.abc import Mapping, Sequence

from bridge.model.setup import RESTORABLE, Change
from bridge.model.state import Account, Said, Wish
from bridge.rules.setup.asked import unrestored, unwished
from bridge.slack.blocks import section, small
from bridge.slack.phrase import Filling, Phrase, Words, phrase
from bridge.slack.setup.kinds import Drawing, Drawn, SetupWindow
from bridge.wording import Wording

QUESTIONS: Mapping[Change, tuple[str, ...]] = {
    Change.PAUSE: ("confirm.pause", "confirm.pause_kept", "confirm.pause_back"),
    Change.RESUME: ("confirm.resume", "confirm.resume_answers"),
    Change.REMOVE: ("confirm.remove", "confirm.remove_kept", "confirm.remove_login", "confirm.remove_back"),
    Change.RESTORE: ("confirm.restore", "confirm.restore_login"),
}
"""What is asked before each, and what follows from it: one set of sentences, whether it is typed or pressed."""


def _pause(drawing: Drawing) -> Drawn | Said:
    if (refusal := unwished(drawing.sheet.account, Wish.PAUSED)) is not None:
        return refusal
    beside = drawing.sheet.beside
    return _asked(drawing, Change.PAUSE, _figures(drawing), beside.open)


def _resume(drawing: Drawing) -> Drawn | Said:
    if (refusal := unwished(drawing.sheet.account, Wish.ON)) is not None:
        return refusal
    missed = drawing.sheet.beside.missed
    figures = [said(drawing, "confirm.missed", count=missed)] if missed else []
    return _asked(drawing, Change.RESUME, figures, missed)


def _remove(drawing: Drawing) -> Drawn | Said:
    if (refusal := unwished(drawing.sheet.account, Wish.REMOVED)) is not None:
        return refusal
    beside = drawing.sheet.beside
    return _asked(drawing, Change.REMOVE, _figures(drawing), beside.open)


def _restore(drawing: Drawing) -> Drawn | Said:
    refusal = unrestored(drawing.sheet.account, drawing.sheet.beside, drawing.now)
    if refusal is not None:
        return refusal
    figures = [said(drawing, "confirm.threads", count=drawing.sheet.beside.open)]
    return _asked(drawing, Change.RESTORE, figures, drawing.sheet.beside.open)


def _figures(drawing: Drawing) -> list[Phrase]:
    """Return how many it concerns."""
    beside = drawing.sheet.beside
    found = [said(drawing, "confirm.open", count=beside.open)]
    return [*found, said(drawing, "confirm.waiting", count=beside.waiting)] if beside.waiting else found


def _asked(drawing: Drawing, change: Change, figures: Sequence[Phrase], count: int) -> Drawn:
    """Return the question, what it concerns, and what follows from it."""
    question, *rest = QUESTIONS[change]
    after = [said(drawing, each, count=count) for each in rest]
    return Drawn(
        blocks=[section(said(drawing, question)), *map(section, figures), *map(small, after)], about=drawing.about
    )


def said(drawing: Drawing, key: str, **values: Filling) -> Phrase:
    """Return a sentence about the account."""
    return phrase(drawing.wording, key, {**known(drawing.sheet.account, drawing.wording), **values})


def known(account: Account, wording: Wording) -> dict[str, Filling]:
    """Return the values that questions about an account need."""
    return {
        "account": Words(text=account.name, bold=True),
        "network": wording.say(f"network.{account.platform}"),
        "days": RESTORABLE.days,
    }


PAUSE = SetupWindow(
    name="setup:pause", title="confirm.pause_title", submit="button.pause", change=Change.PAUSE, draw=_pause
)
RESUME = SetupWindow(
    name="setup:resume", title="confirm.resume_title", submit="button.resume", change=Change.RESUME, draw=_resume
)
REMOVE = SetupWindow(
    name="setup:remove", title="confirm.remove_title", submit="button.remove", change=Change.REMOVE, draw=_remove
)
RESTORE = SetupWindow(
    name="setup:restore", title="confirm.restore_title", submit="button.restore", change=Change.RESTORE, draw=_restore
)
