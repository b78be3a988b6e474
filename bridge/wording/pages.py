"""What the bridge's own web pages say, in agents' languages: ``pages.…`` in the file of each.

Apart from what is said on the desk, because other people read it at another time: whoever connects an account.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bridge import wording
from bridge.wording import fill, languages, speak

PAGES = "pages."


def load(language: str) -> Mapping[str, str]:
    """Return the sentences of one language; a language we do not speak is a KeyError."""
    return {key.removeprefix(PAGES): said for key, said in wording.load(language).items() if key.startswith(PAGES)}


@dataclass(frozen=True)
class PageWording:
    """The sentences in one language, or in the nearest to a locale that we speak."""

    language: str | None = None
    _catalogue: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Settle on one of the languages that we speak."""
        object.__setattr__(self, "language", speak(self.language))
        object.__setattr__(self, "_catalogue", wording.load(speak(self.language)))

    def say(self, key: str, **values: object) -> str:
        """Return the sentence *key* with its values; an unknown key or a missing value is a KeyError."""
        return fill(self._catalogue[f"{PAGES}{key}"], values)

    def __contains__(self, key: str) -> bool:
        """Say whether there is a sentence *key*."""
        return f"{PAGES}{key}" in self._catalogue


def preferred(accepted: str, otherwise: str | None) -> str:
    """Return the language to speak to somebody whose browser accepts these (RFC 9110, Accept-Language)."""
    for _, _, name in sorted(_weighed(accepted.split(","))):
        if name.partition("-")[0].lower() in languages():
            return speak(name)
    return speak(otherwise)


def _weighed(parts: Sequence[str]) -> list[tuple[float, int, str]]:
    """The languages, those liked best first: in the order given where the weights are the same."""
    found: list[tuple[float, int, str]] = []
    for place, part in enumerate(parts[:50]):
        name, _, weight = part.strip().partition(";")
        digits = weight.strip().lower().removeprefix("q=")
        try:
            liked = float(digits) if digits else 1.0
        except ValueError:
            continue
        if liked > 0:
            found.append((-liked, place, name.strip()))
    return found
