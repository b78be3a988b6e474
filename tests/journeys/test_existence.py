"""*Check it still exists*: not every unsend is told of; who wants to know asks, and what is gone goes everywhere."""

import pytest

from tests.journeys.hands import ASKED, Talk, talking
from tests.journeys.world import AKI, GUEST, KINDS, MINUTE, Kind

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def check(talk: Talk, words: str, *, user: str = AKI) -> None:
    """Somebody uses the shortcut on the post that says *words*."""
    thread = talk.world.slack.thread(talk.root.channel, talk.root.ts)
    post = next(each for each in thread if words in talk.world.slack.plain(each))
    assert await talk.world.slack.shortcut(user, "check_exists", talk.root.channel, post.ts) == 200


def asked(talk: Talk) -> list[str]:
    """How each question after a single message ended."""
    return [call.outcome for call in talk.world.meta.calls if call.method == "message"]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_message_that_is_still_there_stays(database_url: str, kind: Kind) -> None:
    """F10: told privately, and nothing changes."""
    async with talking(database_url, kind) as talk:
        await talk.world.calm()
        await check(talk, ASKED)
        assert "still there" in await talk.world.until_told("still there")
        await talk.world.calm()
        assert any(ASKED in line for line in talk.lines())


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize("kind", KINDS)
async def test_a_message_unsent_without_a_word_is_erased(database_url: str, kind: Kind, listed: bool) -> None:
    """F10: gone from Slack, the database and the card, exactly as if Meta had told of it; who asked is told privately."""
    async with talking(database_url, kind) as talk:
        world, meta = talk.world, talk.world.meta
        meta.routes.reading.lists_unsent = listed
        secret = await meta.write(talk.customer, "my secret 4711")
        await world.until(lambda: any("4711" in line for line in talk.lines()))
        await meta.unsend(talk.customer, secret, told=False)
        await world.calm()
        await check(talk, "4711")
        await world.until_told("has unsent")
        await world.until(lambda: not any("4711" in line for line in talk.lines()))
        await world.until(lambda: any("unsent a message" in line for line in talk.lines()))
        await world.until(lambda: "4711" not in talk.card())
        await world.calm()
        assert world.rows("SELECT text FROM message WHERE text LIKE '%4711%'") == []
        assert world.rows("SELECT id FROM inbox WHERE CAST(body AS TEXT) LIKE '%4711%'") == []
        assert any(ASKED in line for line in talk.lines())


async def test_of_what_is_older_than_the_newest_twenty_meta_says_nothing(database_url: str) -> None:
    """F10: not found, but not among those of which Meta would know: it stays, and that is told."""
    async with talking(database_url) as talk:
        world = talk.world
        for number in range(20):
            await world.meta.write(talk.customer, f"later {number:02}", at=world.clock.time() + number)
        await world.until(lambda: any("later 19" in line for line in talk.lines()))
        await world.calm()
        await check(talk, ASKED)
        await world.until_told("does not say")
        await world.calm()
        assert any(ASKED in line for line in talk.lines())


async def test_a_page_with_fewer_messages_than_asked_for_is_not_taken_for_the_whole_conversation(
    database_url: str,
) -> None:
    """F10: Graph leaves one out of its page of twenty, and there is a next one: what is older lives, and stays."""
    async with talking(database_url) as talk:
        world = talk.world
        later = [
            await world.meta.write(talk.customer, f"later {number:02}", at=world.clock.time() + number)
            for number in range(22)
        ]
        await world.until(lambda: any("later 21" in line for line in talk.lines()), seconds=40)
        await world.calm()
        world.meta.routes.reading.left_out.add(later[15])
        await check(talk, ASKED)
        assert "does not say" in await world.until_told("does not say")
        await world.calm()
        assert any(ASKED in line for line in talk.lines())


async def test_only_who_may_answer_may_ask(database_url: str) -> None:
    """F10, ZI-25: a guest is told why not, and Meta is not asked."""
    async with talking(database_url) as talk:
        await talk.world.calm()
        await check(talk, ASKED, user=GUEST)
        await talk.world.until(lambda: talk.world.told(GUEST))
        await talk.world.calm()
        assert asked(talk) == []


async def test_only_customers_messages_can_be_looked_for(database_url: str) -> None:
    """F10: an answer, and the card, are not theirs."""
    async with talking(database_url) as talk:
        await talk.says("an answer")
        await talk.hears("an answer")
        await check(talk, "an answer")
        await talk.world.until_told("Only a customer")
        assert await talk.world.slack.shortcut(AKI, "check_exists", talk.root.channel, talk.root.ts) == 200
        await talk.world.until(lambda: sum("Only a customer" in line for line in talk.world.told()) == 2)
        assert asked(talk) == []


async def test_that_meta_could_not_be_asked_is_told(database_url: str) -> None:
    """F10: nobody waits for an answer that does not come, and nothing is erased."""
    async with talking(database_url) as talk:
        await talk.world.calm()
        talk.world.meta.faults.add(method="message", kind="error", error={"code": 10}, status=400, times=None)
        await check(talk, ASKED)
        await talk.world.until_told("could not be asked")
        assert any(ASKED in line for line in talk.lines())


async def test_a_gap_does_not_bring_back_what_was_erased_so(database_url: str) -> None:
    """F10, M-26: what was found gone stays gone when the record is read."""
    async with talking(database_url) as talk:
        world = talk.world
        secret = await world.meta.write(talk.customer, "my secret 4711")
        await world.until(lambda: any("4711" in line for line in talk.lines()))
        await world.meta.unsend(talk.customer, secret, told=False)
        await world.calm()
        await check(talk, "4711")
        await world.until(lambda: not any("4711" in line for line in talk.lines()))
        await world.calm()
        await world.stop()
        world.clock.move(MINUTE)
        await world.start()
        await world.calm()
        assert sum("unsent a message" in line for line in talk.lines()) == 1
        assert not any("4711" in line for line in talk.lines())
