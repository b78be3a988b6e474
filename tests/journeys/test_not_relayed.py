"""What does not go to the customer, and how the one who wrote it knows."""

import pytest

from bridge.model.ids import GroupRef, PersonRef
from tests.journeys.hands import begun, talking
from tests.journeys.pressing import as_it_was
from tests.journeys.world import AKI, BOT, CHECK, CROSS, GUEST, HOUR, HOURGLASS, KEN, LOCK, MINUTE, STRANGER, SUPPORT

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

NOTES = [
    "// Ken, can you take this one?",
    "  //x",
    "／／全角でも",
    "note: a private word",
    "NOTE:x",
    "ＮＯＴＥ：全角でも",
    "メモ: 在庫を確認",
    "メモ：在庫を確認",
    "ﾒﾓ:在庫を確認",
    ":lock: inside",
    "🔒 inside",
    "> // quoted",
    "\u200b// hidden sign",
    "*note:* bold",
]


async def test_private_notes_stay_inside_with_the_lock(database_url: str) -> None:
    """ZI-25: `//`, `note:`, `メモ:` in any case and width, `:lock:`: nothing is sent and nobody is nagged."""
    async with talking(database_url) as talk:
        notes = [await talk.says(note) for note in NOTES]
        lone = await talk.says("note: by slash me", me=True)
        for ts in (*notes, lone):
            await talk.bears(ts, LOCK)
        await talk.world.calm()
        assert talk.sends() == []
        assert talk.world.told(AKI) == []
        assert "It is a private note" in await talk.asks(notes[0])


@pytest.mark.parametrize("words", ["A note: this goes", "http://shop.example/ and // more", "lock:"])
async def test_what_only_resembles_a_note_goes(database_url: str, words: str) -> None:
    """CT-15: the sign of a note stands at the beginning, or it is none."""
    async with talking(database_url) as talk:
        await talk.says(words)
        await talk.reaches(words)


async def test_other_bots_and_workflows_are_not_relayed(database_url: str) -> None:
    """I-14, ZI-25: what a program wrote stays inside, with the lock; the reason can be asked for."""
    async with talking(database_url) as talk:
        bot = await talk.says("Ticket 17 was opened", user=BOT, bot=True)
        posing = await talk.says("I am Aki", bot=True)
        workflow = await talk.says("A workflow's step", workflow=True)
        for ts in (bot, posing, workflow):
            await talk.bears(ts, LOCK)
        assert "only people’s answers go out" in await talk.asks(bot)
        await talk.world.calm()
        assert talk.sends() == []


@pytest.mark.parametrize(("user", "words"), [(GUEST, "Guests"), (STRANGER, "another company")])
async def test_guests_and_strangers_are_told_privately_that_they_cannot_answer(
    database_url: str, user: str, words: str
) -> None:
    """ZI-25: a cross, and one private line in the thread."""
    async with talking(database_url) as talk:
        talk.world.slack.share_channel(SUPPORT)
        ts = await talk.says("I can help!", user=user)
        await talk.bears(ts, CROSS)
        assert words in await talk.world.until_told("Not sent", user)
        assert [line.thread_ts for line in talk.world.slack.ephemerals(user)] == [talk.root.ts]
        await talk.world.calm()
        assert talk.sends() == []


async def test_guests_and_strangers_answer_where_they_are_named(database_url: str) -> None:
    """ZI-25: named as agents they may; a full member who is not named may not."""
    async with talking(database_url) as talk:
        talk.world.slack.share_channel(SUPPORT)
        await talk.world.set("messenger", agents=(PersonRef(GUEST), PersonRef(STRANGER)))
        await talk.says("by the guest", user=GUEST)
        await talk.reaches("by the guest")
        await talk.says("by the partner", user=STRANGER)
        await talk.reaches("by the guest", "by the partner")
        ts = await talk.says("by a member")
        await talk.bears(ts, CROSS)
        assert "not among the agents" in await talk.world.until_told("Not sent")


async def test_what_begins_with_a_mention_of_the_bridge_is_for_the_bridge(database_url: str) -> None:
    """ZI-25: it stays inside, and its author hears why; a mention further on goes with its name."""
    async with talking(database_url) as talk:
        bridge = talk.world.slack.world.names.bot_user_id
        ts = await talk.says(f"<@{bridge}> who answers here?")
        await talk.bears(ts, LOCK)
        await talk.world.until_told("bridge")
        await talk.world.calm()
        assert talk.sends() == []


async def test_what_stands_outside_threads_stays_there_in_silence(database_url: str) -> None:
    """ZI-25: in the channel, in a thread of the team's own, in another channel's: no sign, no line, no call."""
    async with talking(database_url) as talk:
        slack = talk.world.slack
        loose = await slack.say(AKI, SUPPORT, "Who is on today?")
        reply = await slack.say(KEN, SUPPORT, "I am", thread_ts=loose)
        await talk.world.calm()
        talk.world.clock.move(MINUTE)
        await talk.world.calm()
        assert talk.signs(loose) | talk.signs(reply) == set()
        assert talk.sends() == []
        assert talk.world.told(AKI) == talk.world.told(KEN) == []
        assert talk.world.rows("SELECT id FROM inbox WHERE state NOT IN ('applied')") == []


async def test_a_message_with_a_file_that_cannot_go_is_refused_whole(database_url: str) -> None:
    """CT-17: the words do not go without the file; the author hears why."""
    async with talking(database_url, "instagram") as talk:
        ts = await talk.says("Here is the list", files=[("list.csv", b"cup,2\n", "text/csv")])
        await talk.bears(ts, CROSS)
        assert "type that Instagram does not take" in await talk.world.until_told("Not sent")
        await talk.world.calm()
        assert talk.sends() == []


async def test_a_message_without_words_is_refused(database_url: str) -> None:
    """CT-15: white space alone reaches nobody, and its author hears so."""
    async with talking(database_url) as talk:
        ts = await talk.says("\u3000", blocks=[])
        await talk.bears(ts, CROSS)
        await talk.world.until_told("no words")
        assert talk.sends() == []


async def test_the_members_of_a_named_group_answer_as_it_changes(database_url: str) -> None:
    """ZI-25: read at start, when it changes, and every hour."""
    group = GroupRef("S0HELP")
    async with talking(database_url) as talk:
        slack = talk.world.slack

        def asked() -> int:
            return [each.method for each in slack.calls].count("usergroups.users.list")

        slack.add_usergroup(group, "helpers", [KEN])
        await talk.world.set("messenger", agent_groups=(group,))
        ts = await talk.says("Am I an agent?")
        await talk.bears(ts, CROSS)
        await talk.world.until_told("not among the agents")
        await talk.says("I am.", user=KEN)
        await talk.reaches("I am.")
        slack.change_usergroup(group, [AKI])
        await slack.settle()
        await talk.says("Now I am.")
        await talk.reaches("I am.", "Now I am.")
        refused = await talk.says("Still?", user=KEN)
        await talk.bears(refused, CROSS)
        slack.deliveries.drop_next(2)
        slack.change_usergroup(group, [AKI, KEN])
        before = asked()
        talk.world.clock.move(HOUR + MINUTE)
        await talk.world.until(lambda: asked() > before)
        await talk.world.calm()
        await talk.says("Again.", user=KEN)
        await talk.reaches("I am.", "Now I am.", "Again.")


async def test_a_mention_of_a_colleague_is_held_until_its_author_says(database_url: str) -> None:
    """CT-08: the author is asked by direct message; *Send* counts once, however often it is pressed."""
    async with talking(database_url) as talk:
        ts = await talk.says(f"Thanks <@{KEN}>, it is done")
        question = await talk.line("send")
        assert not question.private
        assert set(question.buttons) == {"send", "keep_inside"}
        assert "Yuki" in talk.world.told(AKI)[0]
        talk.world.clock.move(4 * MINUTE / 60)
        await talk.bears(ts, HOURGLASS)
        assert talk.phone() == []
        again = as_it_was(talk.world, question, "send")
        assert await talk.presses("send") == 200
        assert await again() == 200
        await talk.reaches("Thanks @Ken, it is done")
        await talk.bears(ts, CHECK)
        await talk.world.calm()
        assert len(talk.sends()) == 1


@pytest.mark.parametrize("mention", ["<!subteam^S0HELP>", "<!here>", "<!channel>", f"<@{KEN}>"])
async def test_what_mentions_groups_or_everybody_may_be_kept_inside(database_url: str, mention: str) -> None:
    """CT-08: *Keep inside* gives the lock, and a late *Send* changes nothing."""
    async with talking(database_url) as talk:
        talk.world.slack.add_usergroup("S0HELP", "helpers", [AKI, KEN])
        ts = await talk.says(f"{mention} who knows this?")
        question = await talk.line("send")
        click = (AKI, question.said.channel, question.said.ts)
        assert await talk.world.slack.click(*click, "keep_inside") == 200
        await talk.bears(ts, LOCK)
        await talk.world.until_told("Kept inside")
        await talk.world.calm()
        assert talk.sends() == []


async def test_a_question_that_nobody_answers_for_an_hour_keeps_it_inside(database_url: str) -> None:
    """CT-08: after an hour it stays inside, and its author hears so."""
    async with talking(database_url) as talk:
        ts = await talk.says(f"<@{KEN}> shall we?")
        send = as_it_was(talk.world, await talk.line("send"), "send")
        talk.world.clock.move(59 * MINUTE)
        await talk.bears(ts, HOURGLASS)
        talk.world.clock.move(MINUTE)
        await talk.bears(ts, LOCK)
        await talk.world.until_told("so it stays inside")
        await talk.world.until_told("Kept inside")
        await send()
        await talk.world.calm()
        assert talk.sends() == []


async def test_answers_wait_for_nobody_elses_question(database_url: str) -> None:
    """CT-15: what is written after a held answer goes at once."""
    async with talking(database_url) as talk:
        await talk.says(f"<@{KEN}>?")
        await talk.line("send")
        await talk.says("One moment, please.")
        await talk.reaches("One moment, please.")
        await talk.presses("send")
        await talk.reaches("One moment, please.", "@Ken?")


async def test_the_name_of_a_note_is_not_the_customers_business(database_url: str) -> None:
    """CT-08: a note that mentions a colleague is a note; nobody is asked."""
    async with talking(database_url) as talk:
        ts = await talk.says(f"// <@{KEN}> please")
        await talk.bears(ts, LOCK)
        await talk.world.calm()
        assert talk.world.told(AKI) == []
        assert talk.sends() == []


async def test_a_reply_under_a_root_that_is_on_its_way_waits_for_it(database_url: str) -> None:
    """CT-01: the root's answer was lost; the agent saw it and replied before we knew that it stands."""
    async with talking(database_url) as talk:
        slack = talk.world.slack
        slack.deliveries.pause()
        slack.faults.add(method="chat.postMessage", kind="drop_after", match={"channel": SUPPORT})
        ren = talk.world.customer("messenger", name="Ren")
        await talk.world.meta.write(ren, "はじめまして")
        root = await talk.world.until(lambda: next(iter(talk.world.roots()[1:]), None))
        await talk.world.answer(root, "ようこそ。")
        slack.deliveries.resume()
        await talk.world.until_phone(ren, ["ようこそ。"])
        await talk.world.calm()
        assert talk.world.phone(ren) == ["ようこそ。"]


async def test_two_customers_of_one_channel_are_not_mistaken(database_url: str) -> None:
    """CT-05: a private line and a question name the customer they are about."""
    async with talking(database_url) as yuki:
        ren = await begun(yuki.world, "messenger", "二人目です", name="Ren")
        await ren.says(f"<@{KEN}>?")
        await yuki.world.until_told("Ren")
        await yuki.says(f"<@{KEN}>?")
        await yuki.world.until_told("Yuki")
        await ren.presses("send", holds="Ren")
        await ren.reaches("@Ken?")
        await yuki.world.calm()
        assert yuki.phone() == []


async def test_an_answer_waits_until_slack_says_who_wrote_it(database_url: str) -> None:
    """ZI-25, M-24: users.info fails for hours: an hourglass and no refusal, in order; other threads go on."""
    async with talking(database_url) as talk:
        other = await begun(talk.world, "instagram", "another", name="Ren")
        await other.says("known", user=KEN)
        await other.reaches("known")
        silent = talk.world.slack.faults.add(method="users.info", kind="error", error="internal_error", times=None)
        first = await talk.says("Who am I?")
        second = await talk.says("I know who I am", user=KEN)
        gone = await talk.says("never mind")
        await talk.deletes(gone)
        await talk.world.forward(lambda: talk.signs(first) == {HOURGLASS})
        for _ in range(12):
            talk.world.clock.move(6 * MINUTE)
            await talk.world.ticked(3)
        await other.says("meanwhile", user=KEN)
        await other.reaches("known", "meanwhile")
        assert talk.sends() == []
        assert talk.world.told(AKI) == []
        talk.world.slack.faults.remove(silent)
        talk.world.clock.move(6 * MINUTE)
        await talk.reaches("Who am I?", "I know who I am")
        await talk.bears(first, CHECK)
        await talk.bears(second, CHECK)
        await talk.world.calm()
        assert len(talk.sends()) == 2
        assert talk.world.told(AKI) == []


@pytest.mark.parametrize(("trouble", "reason"), [("user_not_found", "deactivated"), ("ratelimited", "guest")])
async def test_what_slack_says_at_last_of_an_author_counts(database_url: str, trouble: str, reason: str) -> None:
    """ZI-25: a limit only delays; who is a guest, or nobody, is told so."""
    async with talking(database_url) as talk:
        talk.world.slack.faults.add(method="users.info", kind="error", error=trouble)
        ts = await talk.says("May I?", user=GUEST)
        await talk.world.forward(lambda: talk.signs(ts) == {CROSS})
        assert reason in (await talk.world.until_told("Not sent", user=GUEST)).lower()
        assert talk.sends() == []
