"""One id in the place of another."""

import pytest

from bridge.respelt import respelt


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ('{"channel":"C1","ref":"C1:1.5"}', '{"channel":"C2","ref":"C2:1.5"}'),
        ("desk:T1:place:C1", "desk:T1:place:C2"),
        ("<#C1|shop> https://x.slack.com/archives/C1/p15", "<#C2|shop> https://x.slack.com/archives/C2/p15"),
        # what only begins or ends like it is another one
        ("C12 UC1 C1a", "C12 UC1 C1a"),
        ("", ""),
    ],
)
def test_an_id_is_another_wherever_it_stands_whole(text: str, after: str) -> None:
    assert respelt(text, "C1", "C2") == after
    assert respelt(after, "C1", "C2") == after
