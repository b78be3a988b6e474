"""What the demo's page says around phone and Slack, in either language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import bridge.demo
from bridge.cli.service import house_language
from bridge.demo.scenes import shipped
from bridge.demo.troubles import TROUBLES

JS = Path(bridge.demo.__file__).parent / "page" / "js"
PAIR = re.compile(r'"((?:[^"\\]|\\.)+)": "((?:[^"\\]|\\.)+)",')


def japanese() -> dict[str, str]:
    """The page's own words."""
    return dict(PAIR.findall((JS / "chrome.js").read_text("utf-8")))


def test_every_scene_and_every_trouble_is_told_in_japanese() -> None:
    """Decision on languages: whoever shows the demo in Japanese shows no English menu."""
    said = [text for scene in shipped() for text in (scene.name, scene.about)]
    said += [str(step.what) for scene in shipped() for step in scene.steps if step.verb == "tell"]
    said += [text for trouble in TROUBLES for text in (trouble.name, trouble.about)]
    assert len(said) > 30
    assert [text for text in said if text not in japanese()] == []
    assert all(re.search(r"[ぁ-んァ-ヶ一-龠0-9]", text) for text in japanese().values())


def test_whatever_the_page_has_worded_is_in_its_table() -> None:
    """A label that is missing there would stay English without a sign of it."""
    asked = {
        found
        for path in JS.glob("*.js")
        for found in re.findall(r'worded\("((?:[^"\\]|\\.)+)"\)', path.read_text("utf-8"))
    }
    assert len(asked) > 40
    assert asked - set(japanese()) == set()


def test_dates_and_words_ask_the_demo_and_not_the_browser() -> None:
    """Half of a page in another language is nobody's language."""
    text = {path.name: path.read_text("utf-8") for path in JS.glob("*.js")}
    assert [name for name, each in text.items() if "navigator.language." in each or "Format(undefined" in each] == []


@pytest.mark.parametrize(("wanted", "spoken"), [(None, "en"), ("ja", "ja"), ("JA", "ja"), ("tlh", "en")])
def test_the_demo_speaks_the_bridges_language_unless_it_is_told_another(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wanted: str | None, spoken: str
) -> None:
    """Decision on languages: `BRIDGE_LANGUAGE` counts here as it does for the bridge."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BRIDGE_LANGUAGE", raising=False)
    if wanted is not None:
        monkeypatch.setenv("BRIDGE_LANGUAGE", wanted)
    assert house_language() == spoken
