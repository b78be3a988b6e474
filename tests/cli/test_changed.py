"""What the commands that change an account say: what is different, and of a removed one what still leads back."""

from __future__ import annotations

from datetime import timedelta

from tests.cli.stage import PAGE, Stage

NAME = f"messenger:{PAGE}"
DAY = timedelta(days=1)


def test_a_change_says_what_was_and_what_is_and_nothing_else(operator: Stage) -> None:
    """ZI-24: a setting a line; with --json the whole account as it is now."""
    operator.add().ok()
    said = operator("accounts", "set", NAME, "ceiling=900", "seen=on", "reopen_days=30").ok()
    assert sorted(" ".join(line.split()) for line in said.out.splitlines()) == ["ceiling 1600 → 900", "seen off → on"]
    assert "so already" in operator("accounts", "set", NAME, "ceiling=900").ok().out
    document = operator("accounts", "set", NAME, "ceiling=800", "--json").ok().json
    assert document.items() <= operator("accounts", "show", NAME, "--json").ok().json.items()
    assert (document["id"], document["ceiling"], document["seen"]) == (PAGE, 800, True)
    assert operator("accounts", "pause", NAME).ok().out.split() == ["wish", "on", "→", "paused"]


def test_a_secret_that_takes_the_place_of_another_is_said_to_and_not_shown(operator: Stage) -> None:
    """ZI-26: what signs tickets looks the same before and after; that it is another one must be told."""
    operator.add().ok()
    first, second = (f"whsec_{letter * 43}=" for letter in "AB")
    said = [operator("accounts", "set", NAME, "ticket_secret=-", stdin=each).ok() for each in (first, second)]
    assert [" ".join(each.out.split()) for each in said] == ["ticket_secret – → set", "ticket_secret set → replaced"]
    assert " ".join(operator("accounts", "set", NAME, "ticket_secret=").ok().out.split()) == "ticket_secret set → –"


def test_of_a_removed_account_it_is_said_until_when_that_can_be_taken_back_and_then_that_it_cannot(
    operator: Stage,
) -> None:
    """ZI-31: the same sentence for settings, a pause, a resume and what is to be read again."""
    operator.add().ok()
    operator("accounts", "remove", NAME, "--yes").ok()
    until = (operator.clock.now() + 30 * DAY).strftime("%Y-%m-%d")
    tried = (
        ("accounts", "set", NAME, "ceiling=900"),
        ("accounts", "pause", NAME),
        ("accounts", "resume", NAME),
        ("conversations", "backfill", NAME),
    )
    for words in tried:
        refused = operator(*words)
        assert refused.code == 1
        assert f"{NAME} is removed" in refused.err
        assert f"accounts restore` takes that back until {until}T" in refused.err
    operator.clock.move(31 * DAY)
    for words in tried:
        refused = operator(*words)
        assert refused.code == 1
        assert f"{NAME} was removed more than 30 days ago" in refused.err
        assert "accounts add` connects it anew" in refused.err
        assert "restore" not in refused.err
