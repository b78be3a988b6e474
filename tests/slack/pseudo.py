"""A language that nobody speaks: each English sentence with accents, 40 % longer, between brackets that show a cut."""

import json
from collections.abc import Mapping
from pathlib import Path
from string import Formatter

from bridge.wording import load

CODE = "qps"
BEGINS, ENDS = "⟦", "⟧"
_ACCENTED = str.maketrans("aceiknorsuyzACEIKNORSUYZ", "áçéíķñőřšůýžÁÇÉÍĶÑŐŘŠŮÝŽ")


def sentence(english: str) -> str:
    """A sentence of the catalogue in that language: placeholders and commands stay, words for one and several do not."""
    pieces: list[str] = []
    command = False
    for literal, name, spec, _ in Formatter().parse(english):
        for at, part in enumerate(literal.replace("{", "{{").replace("}", "}}").split("`")):
            if at:
                command = not command
                pieces.append("`")
            pieces.append(part if command else part.translate(_ACCENTED))
        if name is not None:
            choice = (spec or "").translate(_ACCENTED) if "|" in (spec or "") else spec
            pieces.append(f"{{{name}:{choice}}}" if choice else f"{{{name}}}")
    longer = " ·" * max(1, round(len(english) * 0.2) - 1)
    return f"{BEGINS}{''.join(pieces)}{longer}{ENDS}"


def catalogue() -> Mapping[str, str]:
    """Every sentence; what customers tap is several words in one entry, and stays within Meta's limit."""
    english = load("en")
    return {key: said.translate(_ACCENTED) if "|" in _bare(said) else sentence(said) for key, said in english.items()}


def _bare(english: str) -> str:
    return "".join(literal for literal, *_ in Formatter().parse(english))


def written(folder: Path) -> Path:
    """The one file that a language is."""
    (folder / f"{CODE}.json").write_text(json.dumps(catalogue(), ensure_ascii=False), "utf-8")
    return folder
