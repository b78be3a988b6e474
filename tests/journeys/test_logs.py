"""What the log says to an operator when something is wrong: enough to mend it, and nobody's words."""

import json

import pytest
import sqlalchemy as sa

from bridge.store.engine import parse, write_engine
from bridge.telemetry import log_to
from tests.journeys.world import World

FULL = """
    CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END $$;
    CREATE TRIGGER full_disk BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION full_disk()"""


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_loop_that_cannot_use_the_database_says_why(
    database_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """The database's own sentence stands in the line, and none of the customer's words; then all goes on."""
    said: list[str] = []

    def troubles() -> list[str]:
        """Why the loop that decides has met trouble."""
        said.extend(line for line in capfd.readouterr().err.splitlines() if '"loop.trouble"' in line)
        return [line["why"] for line in map(json.loads, said) if line["loop"] == "decide"]

    async with World.open(database_url) as world:
        log_to("info")
        engine = write_engine(parse(database_url))
        with engine.begin() as connection:
            connection.execute(sa.text(FULL))
        await world.meta.write(world.customer(name="Yuki"), "my secret words")
        await world.until(troubles)
        with engine.begin() as connection:
            connection.execute(sa.text("DROP TRIGGER full_disk ON outbox"))
        engine.dispose()
        await world.root("my secret words")
        assert set(troubles()) == {"the database cannot be used: no space left on device"}
        assert not any("secret" in each for each in said)
