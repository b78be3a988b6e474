"""Every sentence people read, by key: one file a language, ``<language>.json``, and a file that is there is a language.

A sentence is a `str.format` text with one addition: ``{count:reply|replies}`` is the first word for 1, else the second.
Sentences hold no mark-up (but a command stands in backticks) and no ``&``, ``<`` or ``>``; escaping the values is the
adapter's work. Times, names of days and addresses come as ready text. docs/decisions/0003-wording.md says why it is
this simple.

``customers.…`` is what customers read, `customers` says it; ``pages.…`` what stands on web pages, `pages` says it. A file
with nothing but ``customers.…`` is a language for customers alone.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Formatter
from types import MappingProxyType

ENGLISH = "en"
NAME = "language.name"
CUSTOMERS = "customers."

FOLDERS: tuple[Traversable | Path, ...] = (files(__name__),)
"""Where languages are looked for."""


@cache
def _found(folders: tuple[Traversable | Path, ...]) -> Mapping[str, Mapping[str, str]]:
    """Read every language once: English first, then by their codes."""
    read: dict[str, Mapping[str, str]] = {}
    for folder in folders:
        for file in folder.iterdir():
            code, dot, ending = file.name.partition(".")
            if dot and ending == "json":
                read[code] = MappingProxyType(json.loads(file.read_text("utf-8")))
    return MappingProxyType(dict(sorted(read.items(), key=lambda each: (each[0] != ENGLISH, each[0]))))


def catalogues() -> Mapping[str, Mapping[str, str]]:
    """Return what every file holds, by its language."""
    return _found(FOLDERS)


@cache
def _spoken(folders: tuple[Traversable | Path, ...]) -> tuple[str, ...]:
    read = _found(folders)
    return tuple(code for code, said in read.items() if any(not key.startswith((NAME, CUSTOMERS)) for key in said))


def languages() -> tuple[str, ...]:
    """Return the languages in which everything can be said, English first."""
    return _spoken(FOLDERS)


LANGUAGES = languages()
"""Those that come with the bridge."""


def load(language: str) -> Mapping[str, str]:
    """Return the catalogue of one language; a language we do not speak is a KeyError."""
    if language not in languages():
        raise KeyError(language)
    return catalogues()[language]


def placeholders(sentence: str) -> frozenset[str]:
    """Return the names of the values a sentence needs."""
    return frozenset(name for _, name, _, _ in Formatter().parse(sentence) if name is not None)


def speak(language: str | None) -> str:
    """Return the language we speak that is nearest to a locale such as ``ja-JP``; English where there is none."""
    spoken = (language or "").replace("_", "-").partition("-")[0].lower()
    return spoken if spoken in languages() else ENGLISH


@dataclass(frozen=True)
class Wording:
    """The sentences in one language, or in the nearest to a locale that we speak."""

    language: str | None = None
    _catalogue: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Settle on one of `languages`."""
        language = speak(self.language)
        object.__setattr__(self, "language", language)
        object.__setattr__(self, "_catalogue", load(language))

    def say(self, key: str, **values: object) -> str:
        """Return the sentence *key* with its values; values it does not use are ignored.

        An unknown key or a missing value is a KeyError: tests hold every key the core can say against the catalogue.
        """
        return fill(self._catalogue[key], values)

    def __contains__(self, key: str) -> bool:
        """Say whether there is a sentence *key*."""
        return key in self._catalogue

    @property
    def between(self) -> str:
        """What stands between the pieces of a list."""
        return self.say("command.between", one="", other="")

    def listed(self, words: Iterable[str]) -> str:
        """Return a list of words."""
        return self.between.join(words)


def fill(sentence: str, values: Mapping[str, object]) -> str:
    """Put values into a sentence; a missing one is a KeyError."""
    pieces: list[str] = []
    for literal, name, spec, _ in Formatter().parse(sentence):
        pieces.append(literal)
        if name is not None:
            pieces.append(_shown(values[name], spec or ""))
    return "".join(pieces)


def _shown(value: object, spec: str) -> str:
    one, choice, other = spec.partition("|")
    if choice:
        return one if value == 1 else other
    return format(value, spec)
