"""Every key that the program can say stands in the catalogue, in both languages: found by walking its source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

import bridge
from bridge.meta import errors as meta_errors
from bridge.meta import kinds
from bridge.model.automatic import Occasion
from bridge.model.commented import COMMENTS
from bridge.model.facts import PlaceChange
from bridge.model.outcomes import Held, Later, Refused
from bridge.model.state import Platform
from bridge.rules.answers.sending import HOPELESS
from bridge.rules.customers import media
from bridge.slack import alerts as slack_alerts
from bridge.slack import errors as slack_errors
from bridge.slack import files as slack_files
from bridge.slack import messages
from bridge.wording import LANGUAGES, load

SOURCE = Path(bridge.__file__).parent
CORE = ("alerts.py", "lanes.py", "policy.py", "targets.py", "threads.py", "roles.py", "settings", "model", "rules")
AREAS = frozenset(key.partition(".")[0] for key in load("en"))
KEY = re.compile(rf"({'|'.join(sorted(AREAS))})\.[a-z_]+(\.[a-z_]+)?")

COVERED = {
    "error.",
    "cause.",
    "kind.",
    "alert.",
    "alert.many.",
    "network.",
    "cause.reauth.",
    "alert.reauth.",
    "alert.reauth_help.",
    "mend.",
    "connect.",
    "thing.",
    "media.",
    "automatic.",
}
"""Beginnings of keys that are put together as the program runs; a test below goes through all their endings."""


def modules(*names: str) -> list[Path]:
    """The source files of these modules and packages, or of all but the stand-ins."""
    if not names:
        return [path for path in SOURCE.rglob("*.py") if "demo" not in path.relative_to(SOURCE).parts]
    paths = [SOURCE / name for name in names]
    return [file for path in paths for file in (path.rglob("*.py") if path.is_dir() else [path])]


@cache
def nodes(path: Path) -> Sequence[ast.AST]:
    """What may hold or make a key in a source file: texts, calls and texts put together; docstrings are left out."""
    tree = ast.parse(path.read_text("utf-8"))
    all_nodes = list(ast.walk(tree))
    prose = {
        id(node.value) for node in all_nodes if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return [
        node
        for node in all_nodes
        if isinstance(node, ast.Constant | ast.Call | ast.JoinedStr) and id(node) not in prose
    ]


def literal_keys() -> dict[str, Path]:
    """Whatever looks like a key, wherever it stands in the program."""
    found: dict[str, Path] = {}
    for path in modules():
        for node in nodes(path):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and KEY.fullmatch(node.value):
                found[node.value] = path
    return found


def given(call: ast.Call, name: str) -> ast.expr | None:
    """The value of a keyword in a call."""
    return next((each.value for each in call.keywords if each.arg == name), None)


def calls(name: str) -> Iterator[tuple[Path, ast.Call]]:
    """Where the core makes one of these; a file that does not name it is not read further: some are asked at collection."""
    for path in modules(*CORE):
        if name in path.read_text("utf-8"):
            for node in nodes(path):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                    yield path, node


META = list(meta_errors.TABLE.values())
SLACK = [*slack_errors.ERRORS.values(), slack_errors.UNKNOWN]
WHYS = {each.why for each in META if isinstance(each, Refused)} | {each.why for each in SLACK if each.why}
WHYS |= {each.last for each in META if isinstance(each, Later)}
CAUSES = (
    {each.cause for each in META if isinstance(each, Held)}
    | {each.cause for each in SLACK if each.cause}
    | {f"desk_channel.{change}" for change in (PlaceChange.ARCHIVED, PlaceChange.DELETED, PlaceChange.BOT_REMOVED)}
    | {f"{meta_errors.REAUTH}.token_unreadable"}
)


def alert_kinds() -> set[str]:
    """The kinds of incidents that the core opens: by name, or by the kind of what holds an account."""
    kinds_given = [given(call, "kind") for _, call in calls("AlertDue")]
    named = {node.value for node in kinds_given if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    holding = {each.cause.partition(".")[0] for each in META if isinstance(each, Held)}
    return named | holding


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_in_the_source_has_its_sentence(language: str) -> None:
    """Issue of one language behind the other, or of a rule ahead of the catalogue."""
    catalogue = load(language)
    missing = {key: path.name for key, path in literal_keys().items() if key not in catalogue}
    assert missing == {}


def test_the_search_finds_what_rules_say() -> None:
    """A walk that finds nothing would prove nothing."""
    found = literal_keys().keys()
    assert {"reply.window_closed", "reply.note_edited", "button.retry", "whats_up.waiting", "card.waiting"} <= found
    assert len(found) > 80


def test_what_the_core_says_is_written_out_in_full() -> None:
    """`Said(key=…)` takes a literal, or a name that was given one; a key put together would escape the search."""
    for path, call in calls("Said"):
        key = given(call, "key")
        assert isinstance(key, ast.Constant | ast.Name | ast.IfExp), f"{path.name}:{call.lineno}"


def test_keys_that_are_put_together_begin_as_one_that_is_covered() -> None:
    """Whoever builds keys of another area must add its endings here."""
    for path, node in ((each, node) for each in modules() for node in nodes(each)):
        if not isinstance(node, ast.JoinedStr) or not isinstance(node.values[0], ast.Constant):
            continue
        beginning = str(node.values[0].value)
        if beginning.partition(".")[0] in AREAS and re.fullmatch(r"[a-z_]+(\.[a-z_]+)*\.", beginning):
            assert beginning in COVERED, f"{path.name}:{node.lineno}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("why", sorted(WHYS))
def test_every_refusal_of_either_side_has_a_reason(why: str, language: str) -> None:
    """F14, ZM-09…ZM-13: every row of the two error tables, in the reader's language."""
    assert f"error.{why}" in load(language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cause", sorted(CAUSES))
def test_every_hold_of_either_side_has_a_cause(cause: str, language: str) -> None:
    """CT-36, ZM-10: in words of its own, not only of its kind."""
    assert f"cause.{cause}" in load(language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(alert_kinds()))
def test_every_incident_says_what_and_what_to_do(kind: str, language: str) -> None:
    """Nothing is announced that nobody can act on."""
    worded = slack_alerts.KINDS.get(kind, kind)
    assert f"alert.{worded}" in load(language)
    assert f"alert.{worded}_help" in load(language) or "`threadbridge" in load(language)[f"alert.{worded}"]


def test_what_comes_in_numbers_has_a_heading_where_its_lines_have_none() -> None:
    """Five of a kind: what they have in common is said once, above them."""
    assert all(f"alert.many.{kind}" in load(language) for kind in slack_alerts.ALIKE for language in LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", sorted((kinds.KINDS | COMMENTS) - {"text"}))
def test_every_kind_of_message_has_a_line(kind: str, language: str) -> None:
    """M-04, ZI-33: nothing that a customer can send is silent."""
    assert f"kind.{kind}" in load(language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "kind", sorted(messages.SEEN_BY_ADDRESS | messages.SEEN_BY_TITLE | messages.PUBLIC | media.COPIED)
)
def test_everything_that_has_an_address_has_a_name(kind: str, language: str) -> None:
    """CT-07, M-27: *open the image*, not *open the attachment*."""
    assert f"thing.{kind}" in load(language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", sorted(media.REASONS))
def test_every_reason_why_a_file_is_not_shown_has_words(reason: str, language: str) -> None:
    """Promise 4: a code alone is never a reason."""
    assert f"media.{reason}" in load(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_why_a_file_is_not_shown_has_its_words(language: str) -> None:
    """CT-07: and no words stand for a reason that there is not."""
    told = {key.removeprefix("media.") for key in load(language) if key.startswith("media.")}
    assert told == media.REASONS
    assert set(slack_files.REASONS.values()) - {media.LOST} < media.REASONS


@pytest.mark.parametrize("occasion", list(Occasion))
def test_whatever_the_bridge_says_by_itself_is_told_to_agents(occasion: Occasion) -> None:
    """CT-16: one line, which tells on what occasion."""
    assert all(f"automatic.{occasion}" in load(language) for language in LANGUAGES)


@pytest.mark.parametrize("platform", list(Platform))
def test_every_network_has_a_name(platform: Platform) -> None:
    """It stands in most sentences."""
    assert all(f"network.{platform}" in load(language) for language in LANGUAGES)


def test_reasons_without_a_retry_exist() -> None:
    """A reason that was renamed would silently get its button back."""
    assert {each.why for each in META if isinstance(each, Refused)} >= HOPELESS - {"private_reply_live"}


LINES = {
    "thread.closed",
    "thread.reopened",
    "thread.unsent",
    "thread.woke",
}
"""What a line in a thread can say; the facts that say it are still to come."""


ELSEWHERE = ("customers.", "pages.")
"""What is said by other keys: `bridge.wording.customers` and `bridge.wording.pages`."""


def test_no_sentence_stands_unused() -> None:
    """A catalogue that holds what nobody says is read, translated and believed in vain."""
    said = set(literal_keys()) | LINES
    put_together = tuple(beginning for beginning in COVERED if beginning != "connect.")
    assert not {key for key in load("en") if key not in said and not key.startswith((*put_together, *ELSEWHERE))}
