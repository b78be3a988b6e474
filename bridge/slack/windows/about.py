"""What a window is about, as it travels in its ``private_metadata``: ids and a language, never words. Pure."""

import json
import re

from bridge.model.ids import MessageId, PostRef
from bridge.model.word import Word
from bridge.slack.refs import split_ref
from bridge.slack.shapes import Json, thing

_LANGUAGE = re.compile(r"[a-z]{2,3}\Z")


class About(Word, kw_only=True):
    """What a window is about: the thread's root, and the message, where it is about one.

    language: of who opened it. step: what the window has come to, of those with several. pick: what was chosen in it that
    fills other fields.
    """

    root: PostRef
    message: MessageId | None = None
    language: str = "en"
    step: str = ""
    pick: str = ""


def written(about: About) -> str:
    """Return the ``private_metadata``."""
    message = {} if about.message is None else {"m": about.message}
    more = {name: value for name, value in (("s", about.step), ("p", about.pick)) if value}
    return json.dumps({"r": about.root, "l": about.language, **message, **more})


def found(view: Json) -> About | None:
    """Return what a view is about; None: it is none of ours."""
    try:
        kept = thing(json.loads(str(view.get("private_metadata"))))
        split_ref(PostRef(str(kept.get("r"))))
    except ValueError:
        return None
    message, language = kept.get("m"), str(kept.get("l"))
    return About(
        root=PostRef(str(kept.get("r"))),
        message=MessageId(message) if isinstance(message, int) else None,
        language=language if _LANGUAGE.match(language) else "en",
        step=str(kept.get("s") or ""),
        pick=str(kept.get("p") or ""),
    )
