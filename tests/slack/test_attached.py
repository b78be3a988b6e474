"""What Slack calls a file, and which of these are none."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.model.files import AgentFile
from bridge.model.ids import FileRef
from bridge.slack.attached import attached


def told(**file: Any) -> AgentFile:
    """The one file of a message."""
    (found,) = attached([{"id": "F0ABC", "name": "cup.png", "mimetype": "image/png", "mode": "hosted", **file}])
    return found


@pytest.mark.parametrize(
    ("file", "bar"),
    [
        ({}, None),
        ({"mode": "snippet"}, None),
        ({"mode": "file_access", "file_access": "check_file_info", "name": None, "mimetype": None}, None),
        ({"mode": "canvas"}, "document"),
        ({"mode": "quip"}, "document"),
        ({"mode": "list"}, "document"),
        ({"mode": "space"}, "document"),
        ({"mode": "external", "is_external": True}, "elsewhere"),
        ({"is_external": True}, "elsewhere"),
        ({"mode": "tombstone"}, "gone"),
        ({"mode": "hidden_by_limit"}, "gone"),
        ({"file_access": "file_not_found"}, "gone"),
        ({"mode": 7}, None),
    ],
)
def test_what_is_no_file_is_known_for_it(file: dict[str, Any], bar: str | None) -> None:
    """CT-17: canvases, lists, links and what was deleted; in a shared channel nothing is known before it is asked for."""
    assert told(**file).bar == bar


@pytest.mark.parametrize(
    ("mime", "kind"),
    [
        ("image/heic", "image"),
        ("video/mp4", "video"),
        ("audio/mp4; codecs=x", "audio"),
        ("text/plain", "file"),
        (None, "file"),
    ],
)
def test_its_kind_is_what_slack_says_until_somebody_has_looked(mime: str | None, kind: str) -> None:
    assert told(mimetype=mime).kind == kind


def test_a_clip_of_slacks_own_is_sound_whatever_its_container() -> None:
    assert told(mimetype="video/mp4", subtype="slack_audio").kind == "audio"
    assert told(mimetype="video/mp4", subtype="slack_video").kind == "video"


def test_files_stand_in_their_order_and_what_was_deleted_is_left_out_of_a_change() -> None:
    files = [
        {"id": "F1", "name": "a"},
        {"id": "F2", "mode": "tombstone"},
        {"id": "F3", "name": "c"},
        {"name": "no id"},
        "odd",
    ]
    assert [each.ref for each in attached(files)] == ["F1", "F2", "F3"]
    assert [each.ref for each in attached(files, left=True)] == [FileRef("F1"), FileRef("F3")]
    assert attached(None) == ()
