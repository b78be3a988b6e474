"""What customers do in a scene, on a stage without a bridge: every verb leaves its mark on the phone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml

from bridge.demo.phones import DEEDS
from bridge.demo.scenes import Play, load
from bridge.demo.stage import Stage
from bridge.demo.waits import SceneError


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    made = Stage()
    async with made.open():
        yield made


async def play(stage: Stage, tmp_path: Path, *steps: dict[str, object]) -> None:
    path = tmp_path / "act.yaml"
    path.write_text(yaml.safe_dump({"name": "Act", "steps": list(steps)}, allow_unicode=True), encoding="utf-8")
    await Play(stage, load(path), watched=False, tell=lambda _: None).run()


async def test_every_deed_can_be_done(stage: Stage, tmp_path: Path) -> None:
    steps: list[dict[str, object]] = [
        {"who": "yuki", "comes": "ad"},
        {"writes": "Hello"},
        {"natively": "Which?", "choices": "Blue, White"},
        {"taps": "Blue"},
        {"natively": "Good!"},
        {"reacts": "love"},
        {"unreacts": "Good"},
        {"reacts": "wow", "on": "Which"},
        {"answers_story": "So pretty"},
        {"sends": "story_mention"},
        {"sends": "photo", "which": "shelf", "text": "these", "quotes": "Good"},
        {"corrects": "those"},
        {"sends": "voice"},
        {"unsends": "audio"},
        {"unsends": "Hello", "silently": True},
        {"comments": "How much?"},
        {"renames": "Yuki Mori"},
        {"other_app": "takes"},
    ]
    assert DEEDS.keys() <= {verb for step in steps for verb in step}
    await play(stage, tmp_path, *steps)
    yuki = stage.cast.customers["yuki"]
    shown = [bubble for bubble in yuki.bubbles if not bubble.removed]
    assert [bubble.text for bubble in shown] == ["Which?", "Blue", "Good!", "So pretty", None, "those"]
    assert [dict(bubble.reactions) for bubble in shown if bubble.from_ == "business"] == [{"customer": "😮"}, {}]
    assert shown[-1].reply_to == {"mid": shown[2].mid, "is_self_reply": False}
    assert [note["kind"] for note in yuki.notes] == ["ad", "commented", "renamed"]
    assert yuki.name == "Yuki Mori"
    assert yuki.thread_owner is not None


@pytest.mark.parametrize(
    ("step", "wrong"),
    [
        ({"who": "yuki", "unsends": "what nobody said"}, "the phone shows nothing like what nobody said"),
        ({"who": "yuki", "corrects": "better"}, "there is no message to correct"),
        ({"who": "yuki", "reacts": "love"}, "there is no answer to react to"),
        ({"who": "yuki", "sends": "location"}, "nobody can send a location on instagram"),
        ({"who": "yuki", "other_app": "listens"}, "another app takes a conversation, or returns it"),
        ({"sends": "photo"}, "nobody has been spoken of yet"),
    ],
)
async def test_what_cannot_be_done_is_said(stage: Stage, tmp_path: Path, step: dict[str, object], wrong: str) -> None:
    with pytest.raises(SceneError, match=f"act, step 1 .*{wrong}"):
        await play(stage, tmp_path, step)
