"""Is an echo one of ours? By its id, by our mark, by what is in it; else it was written elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bridge import policy
from bridge.model.decision import Decision, Scene, Sending, SettledSend, Wait
from bridge.model.facts import EchoHeard
from bridge.model.ids import mark
from bridge.rules.answers import elsewhere, outgoing
from bridge.rules.answers.sending import settled
from bridge.rules.base import Context, nothing
from bridge.rules.customers import sight

TOLD_AS = {"audio": {"video", "file", "media"}, "video": {"media", "file"}, "image": {"media"}, "file": {"media"}}
"""What else the network may call a file that was sent as one kind."""


def echo_heard(scene: Scene, fact: EchoHeard, context: Context, *, waited: bool) -> Decision:
    """Is it one of ours? By its id, by our mark, by the words of the one open send; else it was written elsewhere."""
    if scene.message is not None:
        return sight.echoed(scene, scene.message, fact, context)
    fits = _fitting(scene, fact, context)
    if fits is not None:
        found = settled(scene, fits, fact.remote_id, context, recipient=fact.customer)
        return sight.timed(scene, found, fact, context)
    if (mine := _by_word(scene, fact, context)) is not None:
        # From now on the network's id is known, and nothing else is taken for it.
        named = SettledSend(message=mine.message.id, part=mine.part, remote_id=fact.remote_id)
        return Decision(settled=(named,))
    in_hand = any(not sending.asked for sending in scene.sending)
    if in_hand and not waited:
        until = context.moment.steady + context.rules.in_hand
        return Decision(wait=Wait(until=until, missing="send", free=True))
    if fact.marker is not None or fact.looked_up:
        return nothing("marked as ours" if fact.marker else "seen by looking")
    return elsewhere.written(scene, fact, context)


def is_known(scene: Scene, fact: EchoHeard, context: Context) -> bool:
    """Whether it is the echo of something that stands, or is under way, in its own conversation."""
    known = scene.message is not None or _fitting(scene, fact, context) is not None
    return known or _by_word(scene, fact, context) is not None


def _fitting(scene: Scene, fact: EchoHeard, context: Context) -> Sending | None:
    for sending in scene.sending:
        if fact.marker is not None and fact.marker == mark(sending.row):
            return sending
    if fact.marker is not None or (fact.text is None and not fact.attachments) or _of_another_app(fact, context):
        return None
    # What is older than the answer cannot be it; the two sides' clocks may differ a little.
    later = [each for each in scene.sending if fact.at >= each.message.at - context.rules.settle]
    same = [sending for sending in later if _is(scene, sending, fact, context)]
    return same[0] if len(same) == 1 else _by_time(same, fact, context)


def _by_time(same: Sequence[Sending], fact: EchoHeard, context: Context) -> Sending | None:
    """Of several with the same words the one that had just gone by the echo's own time.

    One goes a minute after another that is unsure, at the soonest, so that half of that is enough to tell them apart.
    """
    away = {each.row: _away(each.unsure_since, fact, context) for each in same if each.unsure_since is not None}
    if len(away) < len(same):
        return None  # one is in hand: its answer will tell
    fits = [each for each in same if away[each.row] <= context.rules.settle / 2]
    return fits[0] if len(fits) == 1 else None


def _by_word(scene: Scene, fact: EchoHeard, context: Context) -> Sending | None:
    """The part that arrived as a person said, if these are its words, whole, and about its time; the nearest of several."""
    near = [
        (_away(each.unsure_since, fact, context), place)
        for place, each in enumerate(scene.by_word)
        if each.unsure_since is not None and _is(scene, each, fact, context)
    ]
    away, place = min(near, default=(timedelta.max, 0))
    return scene.by_word[place] if away <= context.rules.settle else None


def _away(unsure_since: datetime, fact: EchoHeard, context: Context) -> timedelta:
    """How far an echo's time is from when a send became unsure."""
    return abs(fact.at - (context.moment.now - (context.moment.steady - unsure_since)))


def _of_another_app(fact: EchoHeard, context: Context) -> bool:
    """Where our mark comes back wherever an app is named, what bears none is another's, though the words be ours."""
    return fact.platform in context.rules.marks and fact.app is not None and not fact.looked_up


def _is(scene: Scene, sending: Sending, fact: EchoHeard, context: Context) -> bool:
    """Whether it has the words, or is of the kind, of what was sent."""
    file = outgoing.file_of(sending.message, sending.part)
    if file is None:
        return fact.text is not None and _says(scene, sending, fact.text, context)
    if fact.text is not None or len(fact.attachments) != 1 or not _alike(file.kind, fact.attachments[0].kind):
        return False
    # A kind says less than words do: of what went a while ago only its own time tells.
    return sending.unsure_since is None or _away(sending.unsure_since, fact, context) <= context.rules.settle / 2


def _alike(sent: str, told: str) -> bool:
    """Whether what was sent as one kind may be told as another: sound is told as film or as a file, too."""
    return sent == told or told in TOLD_AS.get(sent, ())


def _says(scene: Scene, sending: Sending, text: str, context: Context) -> bool:
    parts = policy.parts_of(sending.message, scene.account.platform, context.rules.wire)
    return sending.part <= len(parts) and parts[sending.part - 1].split() == text.split()
