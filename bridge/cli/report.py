"""`threadbridge report`: how much was asked and answered, how long answers took, and who waits. Ids and numbers alone."""

from __future__ import annotations

import csv
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from bridge.cli.answers import as_json, emit, table
from bridge.cli.base import ACCOUNT, AccountName, Bench, find_account, with_bench
from bridge.model.state import Account
from bridge.store import figures
from bridge.store.figures import Figures, Report, Times

DAY = timedelta(days=1)
SPAN = 30 * DAY
"""How far back a report looks if nothing else is said."""
COLUMNS = (
    "workspace", "account", "agent", "conversations", "messages", "answers", "answers_elsewhere",
    "first_answers", "first_answer_median", "first_answer_p90", "answered", "answer_median", "answer_p90",
    "waiting", "longest_wait", "lapsed", "satisfaction_asked", "satisfaction_answers", "satisfaction_average",
)  # fmt: skip


class DayType(click.ParamType[datetime, Any]):
    """A day in UTC, such as 2026-11-21: the moment at which it begins."""

    name = "DATE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read it."""
        if isinstance(value, datetime):
            return value
        try:
            return datetime.strptime(str(value).strip(), "%Y-%m-%d").replace(tzinfo=UTC)
        except ValueError:
            self.fail(f"{value!r} is not a day such as 2026-11-21", param, ctx)


@click.command(short_help="Show figures: messages, times to answer, windows missed.")
@click.option("--account", "name", type=ACCOUNT, help="Only of this account.")
@click.option("--from", "start", type=DayType(), help="From this day on (UTC): 2026-11-01. Else 30 days.")
@click.option("--to", "end", type=DayType(), help="Until before this day (UTC). Else until now.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV and nothing else: a row an account, and one an agent.")
@as_json
def report(
    *, name: AccountName | None, start: datetime | None, end: datetime | None, as_csv: bool, as_json: bool
) -> None:
    """Show how much was asked and answered, how long answers took, who waits now, and which windows were missed."""
    if as_csv and as_json:
        raise click.UsageError("--csv and --json exclude each other")

    async def work(bench: Bench) -> Report:
        now = bench.clock.now()
        first, last = _time(start, end, now)
        return await bench.read(
            lambda conn: figures.report(
                conn, start=first, end=last, now=now, account=None if name is None else find_account(conn, name)
            )
        )

    found = with_bench(work)
    if as_json:
        emit(_document(found))
    elif as_csv:
        _csv(found)
    else:
        _text(found)


def _time(start: datetime | None, end: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """The time that is meant; UsageError if it is none."""
    tomorrow = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + DAY
    last = end or tomorrow
    try:
        first = start or last - SPAN
    except OverflowError:
        first = last
    if first >= last:
        raise click.UsageError("--from must be before --to, and before tomorrow")
    return first, last


def _document(found: Report) -> dict[str, Any]:
    return {
        "from": found.start,
        "to": found.end,
        "total": figures.figures_json(found.total),
        "accounts": [
            {"account": _name(account), "workspace": account.workspace, **figures.figures_json(told)}
            for account, told in found.accounts
        ],
    }


def _name(account: Account) -> str:
    return str(AccountName(platform=account.platform, remote_id=account.remote_id))


def _csv(found: Report) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(COLUMNS)
    for account, told in found.accounts:
        first, times = _ranked(told.first_answer_time), _ranked(told.answer_time)
        asked = (told.conversations, told.messages, told.answers, told.answers_elsewhere)
        content = (told.satisfaction.asked, told.satisfaction.answers, told.satisfaction.average)
        missed = (told.waiting, told.longest_wait, told.lapsed, *content)
        writer.writerow((account.workspace, _name(account), None, *asked, *first, *times, *missed))
        for each in told.agents:
            row = (account.workspace, _name(account), each.agent, None, None, each.answers, None)
            writer.writerow((*row, None, None, None, *_ranked(each.answer_time), None, None, each.lapsed, *[None] * 3))


def _ranked(times: Times) -> tuple[int | None, int | None, int | None]:
    return times.count, times.median, times.p90


def _text(found: Report) -> None:
    click.echo(f"From {found.start:%Y-%m-%d} until before {found.end:%Y-%m-%d}, days in UTC.\n")
    heads = (
        "ACCOUNT", "CONVERSATIONS", "MESSAGES", "ANSWERS", "ELSEWHERE", "FIRST ANSWER", "P90", "ANSWER", "P90",
        "WAITING", "LONGEST", "LAPSED", "CONTENT",
    )  # fmt: skip
    rows = [_row(_name(account), told) for account, told in found.accounts]
    if len(rows) > 1:
        rows.append(_row("all", found.total))
    table(
        heads,
        rows,
        none="No account is connected: `/bridge` in Slack leads to the first, `threadbridge accounts connect` prints a link.",
    )
    agents = [
        (
            _name(account),
            each.agent,
            each.answers,
            _long(each.answer_time.median),
            _long(each.answer_time.p90),
            each.lapsed,
        )
        for account, told in found.accounts
        for each in told.agents
    ]
    if agents:
        click.echo()
        table(("ACCOUNT", "AGENT", "ANSWERS", "ANSWER", "P90", "LAPSED"), agents, none="")
    ends = [(_name(account), *each) for account, told in found.accounts for each in told.outcomes.items()]
    if ends:
        click.echo()
        table(("ACCOUNT", "OUTCOME", "CLOSED"), ends, none="")


def _row(name: str, told: Figures) -> tuple[object, ...]:
    first, times = told.first_answer_time, told.answer_time
    return (
        name, told.conversations, told.messages, told.answers, told.answers_elsewhere,
        _long(first.median), _long(first.p90), _long(times.median), _long(times.p90),
        told.waiting, _long(told.longest_wait), told.lapsed, _content(told),
    )  # fmt: skip


def _content(told: Figures) -> str | None:
    """The mean score, and of how many."""
    found = told.satisfaction
    return None if found.average is None else f"{found.average} ({found.answers} of {found.asked})"


def _long(seconds: int | None) -> str | None:
    """How long something took, in its two largest units."""
    if seconds is None:
        return None
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days:
        return f"{days}d {hours % 24}h"
    if hours:
        return f"{hours}h {minutes % 60}m"
    return f"{minutes}m {seconds % 60}s" if minutes else f"{seconds}s"
