"""One service, several workspaces: installed by OAuth, apart from each other, removed and installed again."""

from tests.journeys.house import AKI, SUPPORT
from tests.journeys.tenants import OTHER_TEAM, TEAM, overheard, tenants


async def test_two_workspaces_side_by_side_and_one_comes_back(database_url: str) -> None:
    """CT-01, CT-28: each has its own threads and answers; what waits for one that was removed goes on when it is back."""
    async with tenants(database_url) as at:
        here, there = at.world.slack, at.other
        assert "T0DEMO" in (await at.install(TEAM)).text
        assert "T0OTHER" in (await at.install(OTHER_TEAM)).text
        await at.connect_other()
        yuki, ken = at.world.customer(name="Yuki Tanaka"), at.customer("Ken Mori")
        await at.world.meta.write(yuki, "Is it in stock?")
        await at.world.meta.write(ken, "When do you open?")
        of_yuki, of_ken = await at.stands(here, "in stock"), await at.stands(there, "you open")
        await here.say(AKI, SUPPORT, "Yes, it is.", thread_ts=of_yuki.ts)
        await there.say(AKI, SUPPORT, "At nine.", thread_ts=of_ken.ts)
        await at.world.until_phone(yuki, ["Yes, it is."])
        await at.world.until_phone(ken, ["At nine."])
        assert not [line for line in at.lines(here) if "open" in line or "Ken" in line]
        assert not [line for line in at.lines(there) if "stock" in line or "Yuki" in line]

        at.uninstall(there)
        await at.world.until(lambda: at.world.rows("SELECT id FROM installation WHERE revoked_at IS NOT NULL"))
        assert at.world.rows("SELECT id, sealed FROM installation WHERE revoked_at IS NOT NULL") == [(OTHER_TEAM, None)]
        await at.world.meta.write(ken, "And on Sunday?")
        await at.world.meta.write(yuki, "In blue too?")
        await at.stands(here, "In blue too?")
        assert not [line for line in [*at.lines(here), *at.lines(there)] if "Sunday" in line]

        await at.quiet()
        await at.install(OTHER_TEAM)
        again = await at.stands(there, "Sunday")
        assert again.ts == of_ken.ts
        await there.say(AKI, SUPPORT, "Closed.", thread_ts=again.ts)
        await at.world.until_phone(ken, ["At nine.", "Closed."])
        told = at.world.rows("SELECT workspace FROM audit WHERE action = 'installation.add' ORDER BY id")
        assert told == [(TEAM,), (OTHER_TEAM,), (OTHER_TEAM,)]


async def test_whatever_is_done_in_one_workspace_does_nothing_in_another_by_the_same_ids(database_url: str) -> None:
    """CT-28: everything that people did in one, said again as if in the other: nothing is sent, changed or shown."""
    async with tenants(database_url) as at:
        here, there = at.world.slack, at.other
        await at.install(TEAM)
        await at.install(OTHER_TEAM)
        await at.connect_other()
        async with overheard(at) as told:
            yuki = at.world.customer(name="Yuki Tanaka")
            await at.world.meta.write(yuki, "Is it in stock?")
            root = await at.stands(here, "in stock")
            ts = await here.say(AKI, SUPPORT, "Yes, it is.", thread_ts=root.ts)
            await at.world.until_phone(yuki, ["Yes, it is."])
            await here.edit(AKI, SUPPORT, ts, "Yes, two of them.")
            await here.say(AKI, SUPPORT, "// a note", thread_ts=root.ts)
            for act in ("take", "close"):
                assert await here.click(AKI, SUPPORT, root.ts, act) == 200
            for name in ("what_happened", "reply_to", "conversation"):
                assert await here.shortcut(AKI, name, SUPPORT, ts) == 200
            await here.react(AKI, SUPPORT, ts, "eyes")
            await here.command(AKI, SUPPORT, "/bridge", "queue")
            await here.delete(AKI, SUPPORT, ts)
            await at.world.calm()
        before = at.kept(TEAM), at.shown(here), at.world.phone(yuki)
        assert len(told) >= 12
        statuses = set()
        for said in told:
            body = said.of(at)
            headers = there.deliveries.signed(body, content_type=said.content_type)
            async with at.world.http.post(f"{at.world.url}/slack/events", data=body, headers=headers) as answer:
                statuses.add(answer.status)
                assert "stock" not in await answer.text()
        await at.world.calm()
        assert statuses == {200}
        assert (at.kept(TEAM), at.shown(here), at.world.phone(yuki)) == before
        assert not [line for line in at.lines(there) if "stock" in line or "Yuki" in line]
