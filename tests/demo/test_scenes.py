"""Scenes: what may be written in them, and that each one shipped is a play that can be played."""

import tempfile
from pathlib import Path

import pytest

from bridge.demo.scenes import SCENES, load, shipped
from bridge.demo.server import run_demo
from bridge.demo.stage import seconds_of
from bridge.demo.waits import SceneError


def words_of(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("written", "seconds"), [("+25h", 90_000), ("90m", 5_400), ("7d 1h", 608_400), ("+1.5h", 5_400), ("30 s", 30)]
)
def test_a_length_of_time_is_read(written: str, seconds: float) -> None:
    assert seconds_of(written) == seconds


@pytest.mark.parametrize("written", ["", "25", "an hour", "-2h", "5 weeks"])
def test_what_is_no_length_of_time_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="no length of time"):
        seconds_of(written)


def test_the_scenes_that_are_shipped_can_be_read() -> None:
    assert [scene.key for scene in shipped()] == [
        "first_contact",
        "instagram_day",
        "long_answer",
        "a_day_later",
        "ad_click",
        "answered_natively",
        "another_app",
        "comment",
        "content",
        "password_changed",
        "flood",
        "maybe_arrived",
    ]


@pytest.mark.parametrize(
    ("steps", "wrong"),
    [
        ("", "a scene has a name and a list of steps"),
        ("  - yuki", "step 1: a step is written as"),
        ("  - who: yuki", "step 1: one of these is wanted"),
        (
            "  - tell: hello\n  - who: yuki\n    writes: a\n    times: 2\n    loudly: true",
            "step 2: loudly says nothing",
        ),
        ("  - clock: a while", "no length of time"),
        ("  - fault: the moon", "no such fault: the moon"),
        ("  - wait: for it", "nobody can wait for it"),
        ("  - agent: yuki\n    answers: hi", "no such agent: yuki"),
        (
            "  - tell: hello\n  - who: nobody\n    writes: hi",
            "step 2: there is no customer called nobody; there are yuki",
        ),
        ("  - who: yuki\n    writes: hi\n  - to: aki\n    answers: hi", "step 2: there is no customer called aki"),
        ("  - wait: until nobody reads hi", "step 1: there is no customer called nobody"),
        ("  - wait: until nobody reads 2 messages", "step 1: there is no customer called nobody"),
        ("  - wait: until yuki is told", "step 1: no such agent: yuki"),
        ("  - who: yuki\n    sends: photo\n    times: 2", "times says nothing beside sends"),
    ],
)
def test_a_scene_that_makes_no_sense_names_its_step(tmp_path: Path, steps: str, wrong: str) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text(f"name: Odd\nsteps:\n{steps}\n", encoding="utf-8")
    with pytest.raises(SceneError, match=wrong):
        load(path)


async def test_a_scene_with_an_unknown_name_is_refused_before_anything_starts(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line, as every command's errors are; no folder was made for a bridge."""
    folder = tmp_path / "made"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    path = tmp_path / "odd.yaml"
    path.write_text("name: Odd\nsteps:\n  - who: nobody\n    writes: hi\n", encoding="utf-8")
    assert await run_demo(0, path, headless=True) == 1
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("threadbridge: odd.yaml, step 1: there is no customer called nobody; there are yuki")
    assert not list(folder.iterdir())


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("scene", "language"),
    [
        ("first_contact", "en"),
        ("first_contact", "ja"),
        ("instagram_day", "ja"),
        ("ad_click", "en"),
        ("answered_natively", "ja"),
        ("another_app", "en"),
        ("comment", "en"),
        ("flood", "en"),
        ("content", "en"),
    ],
)
async def test_a_scene_is_played_against_the_real_bridge(
    scene: str, language: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """CT-01, CT-02, CT-06, CT-09, CT-13, F7: headless, with exit code 0 and not a word."""
    assert await run_demo(0, SCENES / f"{scene}.yaml", headless=True, language=language) == 0
    assert capfd.readouterr() == ("", "")


@pytest.mark.timeout(120)
async def test_the_board_can_be_seen_in_the_demo(tmp_path: Path) -> None:
    """ZI-09: one account has it on; whoever waits there stands on it within half a minute."""
    path = tmp_path / "board.yaml"
    steps = "  - who: emma\n    writes: Do you take commissions?\n  - wait: until the thread says commissions\n"
    steps += "  - clock: 1m\n  - wait: until the alerts say Closing soon\n    within: 60\n"
    path.write_text(f"name: The board\nsteps:\n{steps}", encoding="utf-8")
    assert await run_demo(0, path, headless=True) == 0


@pytest.mark.timeout(120)
async def test_a_scene_whose_expectation_fails_ends_with_its_reason(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its log is kept, and named."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    path = tmp_path / "sad.yaml"
    steps = "  - who: yuki\n    writes: Hello?\n  - wait: until yuki reads Hello yourself\n    within: 0.2\n"
    path.write_text(f"name: Sad\nsteps:\n{steps}", encoding="utf-8")
    assert await run_demo(0, path, headless=True) == 1
    out, err = capfd.readouterr()
    assert out == ""
    reason, _, log = err.removesuffix("\n").partition("; the bridge's log: ")
    assert "Connected instagram:" in words_of(log)
    assert reason == "threadbridge: sad, step 2 (wait): waited 0.2 s until yuki reads Hello yourself"
