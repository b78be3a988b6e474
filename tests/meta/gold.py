"""Golden files: each payload that Meta sends, the facts it becomes, and the posts that agents read, in both languages.

A file of `tests/meta/golden` holds a delivery and what came of it. After a change that is meant, write them anew and read
the difference; a file with nothing but *what* and *delivery* is a new shape:

    python -m tests.meta.gold
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any

from msgspec import NODEFAULT

from bridge import threads
from bridge.meta.envelope import split
from bridge.meta.parse import MetaParser
from bridge.model.change import replace as with_changes
from bridge.model.decision import Scene
from bridge.model.effects import PostMessage
from bridge.model.facts import (
    CustomerCommented,
    CustomerEdited,
    CustomerReacted,
    CustomerUnsent,
    CustomerWrote,
    EchoHeard,
    Fact,
)
from bridge.model.ids import PostRef
from bridge.model.state import Conversation, Customer, Known, Message, Platform
from bridge.model.word import Word, fields
from bridge.slack import render
from bridge.wording import LANGUAGES
from tests.core import factories
from tests.slack import stage

FOLDER = Path(__file__).parent / "golden"
HEARD = datetime(2026, 2, 27, 12, 0, tzinfo=UTC)
ROOT = PostRef(f"{stage.PLACE}:1772143000.000001")
WIDTH = 118
SHOWN = ("username", "text", "blocks")

Json = dict[str, Any]


def golden(shape: Json) -> Json:
    """What a file must hold: the delivery as it is, its facts, and their posts."""
    facts = [MetaParser().read(item, Known(), None) for item in split(json.dumps(shape["delivery"]).encode(), HEARD)]
    told = [{"fact": type(fact).__name__, **_plain(fact)} for fact in facts]
    posts = {language: [post for fact in facts for post in _posts(fact, language)] for language in LANGUAGES}
    return {"what": shape["what"], "delivery": shape["delivery"], "facts": told, "posts": posts}


def written(whole: Json) -> str:
    """A golden file's text: what fits on a line stands on one, so that it can be read."""
    return _laid_out(whole, "") + "\n"


def _laid_out(value: Any, margin: str) -> str:
    flat = json.dumps(value, ensure_ascii=False)
    if len(margin) + len(flat) < WIDTH or not isinstance(value, dict | list) or not value:
        return flat
    inside = margin + "  "
    if isinstance(value, dict):
        named = (f"{json.dumps(name)}: {_laid_out(each, inside)}" for name, each in value.items())
        return "{\n" + ",\n".join(inside + each for each in named) + f"\n{margin}}}"
    return "[\n" + ",\n".join(inside + _laid_out(each, inside) for each in value) + f"\n{margin}]"


def _posts(fact: Fact, language: str) -> Iterator[Json]:
    """What stands in the thread of a customer who has not said anything before."""
    if not isinstance(
        fact, CustomerWrote | CustomerCommented | CustomerEdited | CustomerReacted | CustomerUnsent | EchoHeard
    ):
        return
    at = _scene(fact.platform)
    decision = threads.decide(at, fact, factories.at(), waited=True)
    wanted = {queued.effect.message for queued in decision.effects if isinstance(queued.effect, PostMessage)}
    for message in decision.messages:
        if message.id in wanted:
            yield _post(with_changes(at, message=message), message, language)


def _post(at: Scene, message: Message, language: str) -> Json:
    effect = PostMessage(workspace=stage.TEAM, conversation=stage.CONVERSATION, message=message.id)
    call = render.message(stage.job(effect, at, language=language), at, message, ROOT, message.at, plain=False)
    return {name: call[name] for name in SHOWN if name in call}


def _scene(platform: Platform) -> Scene:
    usual = stage.scene(thread=ROOT, on=stage.account(platform=platform))
    nobody = Conversation(
        id=stage.CONVERSATION,
        workspace=stage.TEAM,
        account=usual.account.id,
        customer=usual.customer.id,
        thread=usual.conversation.thread,
    )
    yuki = Customer(id=usual.customer.id, remote_id="9", name="Yuki Tanaka", profile_at=HEARD)
    return with_changes(usual, conversation=nobody, customer=yuki)


def _plain(value: Any) -> Any:
    """A value as JSON, without what is as usual."""
    match value:
        case Enum():
            return value.value
        case datetime():
            return value.isoformat()
        case tuple() | list():
            return [_plain(each) for each in value]
        case dict():
            return {str(name): _plain(each) for name, each in value.items()}
        case Word():
            given = ((each, getattr(value, each.name)) for each in fields(type(value)))
            return {
                each.name: _plain(is_now)
                for each, is_now in given
                if each.default is NODEFAULT or is_now != each.default
            }
        case _:
            return value


def main() -> None:
    """Write all files anew."""
    for path in sorted(FOLDER.glob("*.json")):
        path.write_text(written(golden(json.loads(path.read_text("utf-8")))), "utf-8")


if __name__ == "__main__":
    main()
