"""What agents write to the bridge in a thread."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from bridge.model.facts import Act
from bridge.model.state import Said
from bridge.rules.acts.words import HELP, WORDS, Wanted, helped, understood
from bridge.wording import LANGUAGES, load


@pytest.mark.parametrize(
    "words", ["snooze 2h", "snooze2h", "Snooze 2 hours", "保留 2時間", "保留2時間", "保留２時間", "保留　２時間"]
)
def test_a_length_is_understood_with_a_space_and_without(words: str) -> None:
    """F11: in both widths."""
    assert understood(words) == Wanted(act=Act.SNOOZE, length=timedelta(hours=2))


@pytest.mark.parametrize("words", ["help", "HELP", "ヘルプ", "help me"])
def test_whoever_asks_for_help_is_told_all_the_words(words: str) -> None:
    """F11: each word that is told is understood, or is the beginning of one that is."""
    assert understood(words) is None
    assert helped(words) == Said(key="reply.help")
    for language in LANGUAGES:
        told = re.findall("`([^`]+)`", load(language)["reply.help"])
        acts = {WORDS[each.partition(" ")[0]] for each in told if each.partition(" ")[0] not in HELP}
        assert acts == set(WORDS.values()) - {Act.UNFORWARD}
