"""Every way in which Meta says no, and what each does: tried again, held for all, or refused with its sentence."""

from datetime import timedelta
from typing import Literal

import pytest

from bridge.wording import Wording
from tests.journeys.hands import Talk, begun, reconnect, talking
from tests.journeys.world import AKI, ALERTS, CHECK, CROSS, HOURGLASS, KEN, MINUTE

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FIVE = timedelta(minutes=5, seconds=1)

# What the fact sheet says of each code, by the key of the sentence that its author reads.
REFUSED = {
    "10/2018108": "unreachable",
    "10/1404170": "opt_in",
    "10/1893015": "opt_in",
    "10/2018336": "permission",
    "551": "unreachable",
    "551/1545041": "unreachable",
    "200/1545041": "unreachable",
    "200/2018028": "development",
    "200/2018027": "development",
    "200/2018021": "development",
    "100/2018001": "no_customer",
    "100/2534014": "no_customer",
    "9010": "no_customer",
    "613/2018338": "tag_misuse",
    "613/1893016": "opt_in",
    "4/2018354": "opt_in",
    "9/2018352": "opt_in",
    "2/2018344": "terms",
    "100": "bad_request",
    "100/33": "not_found",
    "100/2534015": "bad_request",
    "2500": "bad_request",
    "2534001": "thread_deleted",
    "506/1609005": "duplicate",
    "777777": "other",
}
HELD = {
    "102": "token_invalid",
    "190": "token_invalid",
    "190/458": "app_deauthorised",
    "190/459": "checkpoint",
    "190/460": "password_changed",
    "190/463": "token_expired",
    "190/464": "unconfirmed",
    "190/467": "token_invalid",
    "190/492": "role_lost",
    "10": "permission_revoked",
    "200": "permission_revoked",
    "299": "permission_revoked",
    "100/2534013": "page_link",
    "10/2534077": "two_factor",
}
RESTRICTED = {"10/1893063": "restricted", "368": "restricted.policy", "100/2534029": "restricted.blocked"}


def sentence(language: str, key: str, code: str = "") -> str:
    """What stands in the catalogue, about these two."""
    values = {"customer": "Yuki Tanaka", "account": "Hanako Flowers", "network": "Messenger", "code": code}
    return Wording(language).say(key, **values)


async def refused(talk: Talk, language: str, user: str) -> None:
    """Every refusal is signed and told to its author in their language."""
    faults = talk.world.meta.faults
    written: dict[str, str] = {}
    for code in REFUSED:
        words = f"answer to {code}."
        times = 2 if code == "100/33" else 1
        faults.add(method="messages", kind="error", error=code, status=400, match={"message": words}, times=times)
        written[code] = await talk.says(words, user=user)
    for ts in written.values():
        await talk.bears(ts, CROSS)
    await talk.world.until(lambda: len(talk.world.told(user)) == len(REFUSED))
    told = " ".join(talk.world.told(user))
    for code, why in REFUSED.items():
        assert sentence(language, f"error.{why}", code) in told, code
    await talk.world.calm()
    assert talk.phone() == []
    assert len(talk.sends()) == len(REFUSED) + 1, "100/33 alone is tried again: the account is asked about first"


@sqlite
async def test_every_refusal_is_told_to_its_author_in_english(database_url: str) -> None:
    """M-24: a cross, and a private sentence that says why; none is tried again by itself."""
    async with talking(database_url) as talk:
        await refused(talk, "en", AKI)


@sqlite
async def test_every_refusal_is_told_in_the_authors_own_language(database_url: str) -> None:
    """M-24: the workspace speaks English, Hana's Slack Japanese."""
    async with talking(database_url) as talk:
        talk.world.slack.add_user("U0HANA", "hana", display_name="Hana", locale="ja-JP")
        await refused(talk, "ja", "U0HANA")


@sqlite
async def test_the_houses_language_is_for_whoever_has_another(database_url: str) -> None:
    """M-24: BRIDGE_LANGUAGE is what the card speaks; a person's own language comes first."""
    async with talking(database_url, language="ja") as talk:
        talk.world.slack.add_user("U0HANS", "hans", display_name="Hans", locale="de-DE")
        talk.world.meta.faults.add(method="messages", kind="error", error="551", status=400)
        ts = await talk.says("Guten Tag", user="U0HANS")
        await talk.bears(ts, CROSS)
        await talk.world.until(lambda: talk.world.told("U0HANS"))
        assert "返信" in talk.card() or "待" in talk.card()


@sqlite
@pytest.mark.parametrize("code", ["1", "2", "2/1545133", "1200", "2018321"])
async def test_a_passing_fault_is_tried_again_for_that_answer_alone(database_url: str, code: str) -> None:
    """M-32: the hourglass, then the check mark; others of the account go on meanwhile."""
    async with talking(database_url) as talk:
        other = await begun(talk.world, "messenger", "another", name="Ren")
        talk.world.meta.faults.add(method="messages", kind="error", error=code, status=400, match={"message": "first"})
        ts = await talk.says("first")
        await talk.world.until(talk.sends)
        behind = await talk.says("second")
        await other.says("meanwhile")
        await other.reaches("meanwhile")
        talk.world.clock.move(timedelta(seconds=61))
        await talk.reaches("first", "second")
        await talk.bears(ts, CHECK)
        await talk.bears(behind, CHECK)
        assert talk.world.told(AKI) == []


@sqlite
async def test_a_fault_that_does_not_pass_ends_with_a_retry_button(database_url: str) -> None:
    """M-24: eight tries, then the author hears it and may try again."""
    async with talking(database_url) as talk:
        fault = talk.world.meta.faults.add(method="messages", kind="error", error="2", status=400, times=None)
        ts = await talk.says("patience")
        await talk.world.forward(lambda: len(talk.sends()) >= 2)
        await talk.bears(ts, HOURGLASS)
        while len(talk.sends()) < 8:
            talk.world.clock.move(FIVE)
            await talk.world.ticked(2)
        await talk.bears(ts, CROSS)
        assert "several times" in await talk.world.until_told("Not sent")
        assert not (await talk.line("retry")).private
        talk.world.meta.faults.remove(fault)
        await talk.presses("retry")
        await talk.reaches("patience")
        await talk.bears(ts, CHECK)
        assert len(talk.sends()) == 9


@sqlite
@pytest.mark.parametrize(("code", "of_others"), [("17", True), ("613/2534040", True), ("80002", True), ("4", False)])
async def test_a_limit_rests_what_it_limits(database_url: str, code: str, *, of_others: bool) -> None:
    """F8, M-32: the account, or all of the app's; after the rest everything goes, in order and once."""
    async with talking(database_url) as talk:
        other = await begun(talk.world, "messenger", "another", name="Ren")
        elsewhere = await begun(talk.world, "instagram_login", "elsewhere", name="Mei")
        talk.world.meta.faults.add(method="messages", kind="error", error=code, status=400)
        await talk.says("one")
        await talk.world.until(talk.sends)
        await talk.says("two")
        await other.says("three")
        await elsewhere.says("four")
        if of_others:
            await elsewhere.reaches("four")
        await talk.world.ticked(3)
        assert talk.phone() + other.phone() == []
        assert elsewhere.phone() == (["four"] if of_others else [])
        talk.world.clock.move(FIVE)
        await talk.reaches("one", "two")
        await other.reaches("three")
        await elsewhere.reaches("four")
        assert talk.world.told(AKI) == []


@sqlite
async def test_every_limit_ends_and_loses_nothing(database_url: str) -> None:
    """F8: of the app, the account, the call; each answer goes once when the rest is over."""
    async with talking(database_url) as talk:
        for code in ("4", "341", "17", "32", "613", "80001", "80002", "80006"):
            words = f"after {code}"
            talk.world.meta.faults.add(method="messages", kind="error", error=code, status=400)
            await talk.says(words)
            await talk.world.until(lambda: len(talk.sends()) % 2)
            talk.world.clock.move(FIVE)
            await talk.hears(words)
        assert len(talk.sends()) == 16
        assert talk.world.told(AKI) == []


async def test_a_dead_login_holds_the_account_and_is_announced_once(database_url: str) -> None:
    """ZM-09, CT-31, CT-36: hourglasses, one alert with its cause, edited when mended, and all is sent after."""
    async with talking(database_url) as talk:
        other = await begun(talk.world, "messenger", "another", name="Ren")
        elsewhere = await begun(talk.world, "instagram", "elsewhere", name="Mei")
        account = talk.world.account("messenger")
        talk.world.meta.revoke(account, subcode=460)
        first = await talk.says("one")
        await talk.world.until(lambda: talk.world.roots(ALERTS))
        second = await other.says("two")
        await elsewhere.says("meanwhile")
        await elsewhere.reaches("meanwhile")
        talk.world.clock.move(timedelta(seconds=4))
        await talk.bears(first, HOURGLASS)
        await other.bears(second, HOURGLASS)
        await talk.world.until(lambda: "needs re-authentication" in talk.card())
        said = talk.world.slack.plain(talk.world.roots(ALERTS)[0])
        assert account.name in said
        assert "threadbridge accounts add" in said
        assert talk.world.told(AKI) == []
        talk.world.meta.restore(account, token="EAAG-again")
        await reconnect(talk.world, "messenger")
        await talk.reaches("one")
        await other.reaches("two")
        await talk.bears(first, CHECK)
        await other.bears(second, CHECK)
        await talk.world.until(lambda: "Mended" in talk.world.slack.plain(talk.world.roots(ALERTS)[0]))
        await talk.world.until(lambda: "re-authentication" not in talk.card())
        assert len(talk.world.roots(ALERTS)) == 1


@sqlite
async def test_every_way_to_lose_a_login_is_named(database_url: str) -> None:
    """ZM-09, ZM-10, CT-36: held and named by its cause, not refused; one alert each; sent once when mended."""
    async with talking(database_url) as talk:
        for number, (code, cause) in enumerate(HELD.items(), 1):
            fault = talk.world.meta.faults.add(method="messages", kind="error", error=code, status=400, times=None)
            await talk.says(f"held by {code}")
            await alerted(talk, number, Wording("en").say(f"cause.reauth.{cause}", network="Messenger"))
            talk.world.meta.faults.remove(fault)
            await reconnect(talk.world, "messenger")
            await talk.hears(f"held by {code}")
            await alerted(talk, number, "Mended")
        await talk.world.calm()
        assert len(talk.phone()) == len(HELD)
        assert talk.world.told(AKI) == []


async def alerted(talk: Talk, number: int, words: str) -> None:
    """Wait until there are so many alerts and the newest holds these words."""

    def found() -> bool:
        said = [talk.world.slack.plain(root) for root in talk.world.roots(ALERTS)]
        return len(said) == number and words in said[-1]

    await talk.world.until(found)


@sqlite
async def test_the_order_within_a_conversation_outlives_an_outage(database_url: str) -> None:
    """CT-15: twelve answers written while Meta is down arrive in the order of their writing."""
    async with talking(database_url) as talk:
        down = talk.world.meta.faults.add(method="messages", kind="error", error="2", status=400, times=None)
        words = [f"answer {number}" for number in range(12)]
        for number, each in enumerate(words):
            await talk.says(each, user=AKI if number % 2 else KEN)
        await talk.world.until(talk.sends)
        talk.world.meta.faults.remove(down)
        talk.world.clock.move(MINUTE)
        await talk.reaches(*words)


@sqlite
async def test_nobody_waits_for_another_customers_answer(database_url: str) -> None:
    """M-32: a slow answer to one holds no other up."""
    async with talking(database_url) as talk:
        others = [await begun(talk.world, "messenger", f"customer {number}", name=f"N{number}") for number in range(5)]
        talk.world.meta.faults.add(method="messages", kind="latency", seconds=3, match={"message": "slow"})
        await talk.says("slow")
        await talk.world.until(lambda: talk.world.rows("SELECT id FROM outbox WHERE state = 'working'"))
        for other in others:
            await other.says("quick")
        for other in others:
            await other.reaches("quick")
        assert talk.phone() == []
        await talk.reaches("slow")


@sqlite
@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("10/1893063", "restricted"),
        ("368", "restricted.policy"),
        ("100/2534029", "restricted.blocked"),
        ("2022", "restricted.commerce"),
        ("36103", "setup.not_eligible"),
        ("200/2534041", "setup.connected_tools"),
    ],
)
async def test_a_restricted_account_waits_and_goes_on_by_itself(database_url: str, code: str, cause: str) -> None:
    """M-03, M-30: held, announced once with the cause; tried again now and then, one answer at a time, until Meta lets it."""
    async with talking(database_url) as talk:
        other = await begun(talk.world, "messenger", "another", name="Ren")
        fault = talk.world.meta.faults.add(method="messages", kind="error", error=code, status=400, times=None)
        first = await talk.says("one")
        await alerted(talk, 1, Wording("en").say(f"cause.{cause}", network="Messenger"))
        await other.says("two")
        talk.world.clock.move(timedelta(minutes=10, seconds=1))
        await talk.world.until(lambda: len(talk.sends()) + len(other.sends()) == 2)
        await talk.bears(first, HOURGLASS)
        # What is let through only while the last refusal is still being noted would be held again by that.
        await talk.world.until(lambda: not talk.world.rows("SELECT id FROM outbox WHERE state = 'working'"))
        talk.world.meta.faults.remove(fault)
        talk.world.clock.move(timedelta(minutes=10, seconds=1))
        await talk.reaches("one")
        await other.reaches("two")
        await alerted(talk, 1, "Mended")
        assert talk.world.told(AKI) == []


@sqlite
@pytest.mark.parametrize("echoes", ["after", "before"])
async def test_an_operator_may_try_a_held_account_at_once(
    database_url: str, echoes: Literal["after", "before"]
) -> None:
    """CT-33, M-30: `outbox retry` lets one answer through; it arrives, and the others follow it.

    They do too when its echo has settled it before Meta has answered.
    """
    async with talking(database_url) as talk:
        talk.world.meta.echoes = echoes
        fault = talk.world.meta.faults.add(method="messages", kind="error", error="368", status=400, times=None)
        for words in ("one", "two", "three"):
            await talk.says(words)
        await alerted(talk, 1, "may not send")
        talk.world.meta.faults.remove(fault)
        await talk.world.by_hand(lambda hand: hand.tx.effects.retry(hand.moment.steady))
        await talk.reaches("one", "two", "three")
        await alerted(talk, 1, "Mended")
