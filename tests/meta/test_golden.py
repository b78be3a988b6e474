"""Every payload that Meta is known to send, to the facts and to the posts: see `tests.meta.gold`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bridge.demo.slack.blocks import check_message_blocks
from bridge.demo.slack.text import pages
from bridge.meta import attachments
from bridge.meta.envelope import HEARD, PASSED_OVER
from tests.meta.gold import FOLDER, golden, written

FILES = sorted(FOLDER.glob("*.json"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_payload_becomes_the_facts_and_posts_that_were_read_and_found_right(path: Path) -> None:
    """M-04, M-24, M-27, CT-09…CT-14, ZI-33: nothing that a customer sends is silent, and nothing is shown twice."""
    text = path.read_text("utf-8")
    assert written(golden(json.loads(text))) == text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_post_is_one_that_slack_takes_and_shows_no_picture_of_metas(path: Path) -> None:
    """F6, CT-08: no image block, which Slack would fetch and keep; and nobody is paged."""
    for posts in json.loads(path.read_text("utf-8"))["posts"].values():
        for post in posts:
            check_message_blocks(post["blocks"])
            assert pages(post["text"], post["blocks"]) == frozenset()
            assert '"image_url"' not in json.dumps(post)


def test_every_type_of_attachment_and_every_event_has_its_file() -> None:
    """A shape that nobody looks at is a shape that nobody promised."""
    deliveries = " ".join(json.dumps(json.loads(path.read_text("utf-8"))["delivery"]) for path in FILES)
    missing = [name for name in (*attachments.KINDS, *HEARD, *PASSED_OVER) if f'"{name}"' not in deliveries]
    assert missing == []
