"""Whether a reply repeats what a customer wrote, and what is left of it without."""

import pytest

from bridge.rules.answers.repeated import repeats, without

WORDS = "My street is Wisteria Lane 4"


@pytest.mark.parametrize(
    ("text", "words", "left"),
    [
        (f"> {WORDS}\nThank you!", WORDS, "Thank you!"),
        ("> street is\nNoted.", WORDS, "Noted."),
        (f"So {WORDS}, is it?", WORDS, "So …, is it?"),
        ("So My  street is\nWisteria Lane 4?", WORDS, "So …?"),
        ("> 4\nfour what?", "4", "four what?"),
        (">  no  \nwhy not?", "yes\nno", "why not?"),
        ("> 住所は藤通り四番です\n承知しました", "住所は藤通り四番です", "承知しました"),
    ],
)
def test_what_repeats_the_words_is_found_and_struck_out(text: str, words: str, left: str) -> None:
    """M-17: a quoted line, or all of them."""
    assert repeats(text, words)
    assert without(text, words) == left
    assert not repeats(left, words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Thank you!", WORDS),
        ("ok", "ok"),
        ("> is\nwhat is?", WORDS),
        ("> anything else", "4"),
        ("5 > 4", "4"),
        ("> quoted", ""),
    ],
)
def test_what_may_be_anybodys_is_left_alone(text: str, words: str) -> None:
    """M-17: short words by themselves tell nothing."""
    assert not repeats(text, words)
    assert without(text, words) == text
