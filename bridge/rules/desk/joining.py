"""What is shown together in one post when a place is behind, and what becomes of each of it.

Rule 1: a customer's own messages only, whole and in order, within what one post holds.
Rule 2: one outcome ends all rows of a post. The first row speaks for all: it is looked for, and says what is held.
Rule 3: what the desk refuses together goes singly.
"""

from __future__ import annotations

from collections.abc import Sequence

from bridge import lanes
from bridge.model.decision import Decision, Scene
from bridge.model.effects import RedrawPost
from bridge.model.ids import PostRef
from bridge.model.outcomes import Done, Held, Outcome, Refused, Unsure
from bridge.model.queues import OutboxRow
from bridge.model.state import Author, Message
from bridge.rules.desk import posting

MOST_TOGETHER = 3_900
"""Characters of a post that shows several messages; longer texts were seen to be split (docs.slack.dev, Truncating content)."""
AROUND = 60
"""Characters beside a message's words: the small line over it."""


def length(message: Message) -> int:
    """What a message takes of a post, at most."""
    attached = sum(len(each.title or "") + len(each.address or "") + AROUND for each in message.attachments)
    return len(message.text or "") + attached + AROUND


def fits(shown: Sequence[Message], another: Message) -> bool:
    """Whether another message may stand in the same post."""
    if any(each.author is not Author.CUSTOMER for each in (*shown, another)):
        return False
    return sum(map(length, shown)) + length(another) <= MOST_TOGETHER


def ended_together(scene: Scene | None, row: OutboxRow, outcome: Outcome, *, first_too: bool) -> Decision | None:
    """What follows for a row whose post showed others too; None: what would follow if it had gone alone.

    first_too: the first row of the post ends now as well.
    """
    follows = row.follows is not None and first_too
    match outcome:
        case Refused(code="thread_gone") if not follows:
            return None
        case Refused() if row.joined is not None:
            return Decision(retry_row=True)
        case Done(remote_id=str(ref)) if (
            row.joined is not None and scene is not None and posting.unwanted(scene, row.effect)
        ):
            # It was taken back while it was on its way: its part alone goes.
            redraw = RedrawPost(workspace=scene.workspace.id, conversation=scene.conversation.id, ref=PostRef(ref))
            return Decision(effects=(lanes.queue(redraw, position=0),))
        case Held() | Unsure() if follows:
            return Decision()
        case _:
            return None
