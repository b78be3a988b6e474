"""One service, several workspaces: installed by OAuth, apart from each other, removed and installed again."""

from tests.journeys.house import AKI, SUPPORT
from tests.journeys.tenants import OTHER_TEAM, TEAM, tenants


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

        await at.install(OTHER_TEAM)
        again = await at.stands(there, "Sunday")
        assert again.ts == of_ken.ts
        await there.say(AKI, SUPPORT, "Closed.", thread_ts=again.ts)
        await at.world.until_phone(ken, ["At nine.", "Closed."])
        told = at.world.rows("SELECT workspace FROM audit WHERE action = 'installation.add' ORDER BY id")
        assert told == [(TEAM,), (OTHER_TEAM,), (OTHER_TEAM,)]
