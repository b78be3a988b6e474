"""What a window that sets something up is about, as it travels in its ``private_metadata``. Pure.

It holds ids, marks of what stood when it was opened, and settings that were typed in another part of it; never a secret.
"""

import json
import re
from collections.abc import Mapping

from bridge.model.ids import AccountId, PlaceRef
from bridge.model.word import Word, field
from bridge.slack.shapes import Json, texts, thing

MOST = 3_000
"""Characters of a view's ``private_metadata`` (docs.slack.dev, Views)."""
_LANGUAGE = re.compile(r"[a-z]{2,3}\Z")


class About(Word, kw_only=True):
    """An account, and how whoever opened the window reads of it.

    place, handle: where they pressed, and the way back to them. section: the part that is shown. seen: by setting, the mark
    of what stood there. held: what was typed in other parts. way: by which tickets are to go, just chosen. under: of a window
    over another one, by which state Slack knows that one (its ``hash``), whose *section*, *seen* and *held* these are.
    """

    account: AccountId
    language: str = "en"
    place: PlaceRef | None = None
    handle: str | None = None
    section: str = ""
    seen: Mapping[str, str] = field(default_factory=dict)
    held: Mapping[str, str] = field(default_factory=dict)
    way: str = ""
    under: str = ""


def written(about: About) -> str:
    """Return the ``private_metadata``."""
    named = {"p": about.place, "h": about.handle, "s": about.section, "v": about.seen, "t": about.held}
    named |= {"w": about.way, "u": about.under}
    kept = {"a": about.account, "l": about.language, **{name: value for name, value in named.items() if value}}
    return json.dumps(kept, separators=(",", ":"), ensure_ascii=False, default=dict)


def found(view: Json) -> About | None:
    """Return what a view is about; None: it is none of ours."""
    try:
        kept = thing(json.loads(str(view.get("private_metadata"))))
    except ValueError:
        return None
    account, language, place, handle = kept.get("a"), str(kept.get("l")), kept.get("p"), kept.get("h")
    if not isinstance(account, int):
        return None
    return About(
        account=AccountId(account),
        language=language if _LANGUAGE.match(language) else "en",
        place=PlaceRef(place) if isinstance(place, str) else None,
        handle=handle if isinstance(handle, str) else None,
        section=str(kept.get("s") or ""),
        seen=texts(kept.get("v")),
        held=texts(kept.get("t")),
        way=str(kept.get("w") or ""),
        under=str(kept.get("u") or ""),
    )
