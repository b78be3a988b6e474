"""The views that figures are read from: plain SQL that both databases take, made by migrations.

Rule 1: times are whole microseconds since the epoch, as everywhere; days are counted from 1970-01-01 (UTC).
Rule 2: nothing here reads words or names, so that figures stay when those are forgotten.
Rule 3: each row is found by its conversation: whoever asks for a time asks for the conversations of that time too.
Rule 4: what is changed here is changed by a migration too. On SQLite a migration that copies `message`, `conversation`,
        `account` or `audit` drops the views before, and makes them again.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from bridge.model.commented import COMMENTS
from bridge.model.state import NO_PREVIEW


def _listed(names: frozenset[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))


COMMENTED: Final = f"kind IN ({_listed(COMMENTS)})"
ASKS: Final = f"author = 'customer' AND unsent_at IS NULL AND NOT withheld AND kind NOT IN ({_listed(NO_PREVIEW)})"
"""What of a customer's wants an answer: not a heart, not a click on an ad, not what they took back or wrote
while they were blocked."""
ANSWERS: Final = "(author = 'elsewhere' OR (author = 'agent' AND state = 'sent'))"
HUMAN: Final = {
    "sqlite": "json_extract(account.settings, '$.human_agent') = 1",
    "postgresql": "account.settings ->> 'human_agent' = 'true'",
}
"""Whether a person has seven days for an answer, as the account is set today."""
ACTS: Final = "('conversation.close', 'conversation.erase', 'conversation.reopen')"
DAY, WEEK = 86_400_000_000, 604_800_000_000
EVER: Final = 2**63 - 1

_ASKED = f"""
CREATE VIEW asked AS
SELECT message.workspace, conversation.account, message.conversation, message.id AS message, message.at,
       message.{COMMENTED} AS comment,
       CASE WHEN {{human}} THEN conversation.human_close ELSE conversation.standard_close END AS closes_at,
       CASE WHEN {{human}} THEN {WEEK} ELSE {DAY} END AS open_for
  FROM message
  JOIN conversation ON conversation.id = message.conversation
  JOIN account ON account.id = conversation.account
 WHERE {ASKS}
"""  # noqa: S608 - our own names, here and below

_ANSWER = f"""
CREATE VIEW answer AS
SELECT message.workspace, conversation.account, message.conversation, message.id AS message, message.at,
       message.author, message.person, message.app
  FROM message
  JOIN conversation ON conversation.id = message.conversation
 WHERE {ANSWERS}
"""  # noqa: S608

_WAITING_START = f"""
CREATE VIEW waiting_start AS
SELECT asked.workspace, asked.account, asked.conversation, asked.message, asked.at, before.id IS NULL AS first,
       asked.closes_at, asked.open_for
  FROM asked
  LEFT JOIN message AS before ON before.id = (
       SELECT id FROM message
        WHERE conversation = asked.conversation AND at <= asked.at AND (at < asked.at OR id < asked.message) AND {ASKS}
        ORDER BY at DESC, id DESC LIMIT 1)
 WHERE before.id IS NULL
    OR asked.at >= before.at + CASE WHEN before.{COMMENTED} THEN {WEEK} ELSE asked.open_for END
    OR EXISTS (
       SELECT 1 FROM message
        WHERE conversation = asked.conversation AND at >= before.at AND at < asked.at
          AND (author = 'elsewhere' OR id > before.id) AND {ANSWERS})
    OR 'conversation.reopen' <> (
       SELECT action FROM audit
        WHERE object = 'conversation:' || asked.conversation AND at >= before.at AND at <= asked.at AND action IN {ACTS}
        ORDER BY at DESC, id DESC LIMIT 1)
"""  # noqa: S608

_WAITING_PERIOD = f"""
CREATE VIEW waiting_period AS
SELECT workspace, account, conversation, message, first, began_at,
       CASE WHEN answered THEN answer_at END AS answered_at,
       CASE WHEN answered THEN author END AS answered_from,
       CASE WHEN answered THEN person END AS answered_by,
       CASE WHEN answered THEN (answer_at - began_at) / 1000000 END AS seconds,
       CASE WHEN NOT answered AND closed_at < lapses_at THEN closed_at END AS closed_at,
       CASE WHEN NOT answered AND (closed_at IS NULL OR closed_at >= lapses_at) THEN lapses_at END AS lapses_at
  FROM (
SELECT began.workspace, began.account, began.conversation, began.message, began.first, began.at AS began_at,
       reply.at AS answer_at, reply.author, reply.person,
       reply.at IS NOT NULL AND later.at IS NULL
           AND (act.action IS NULL OR act.action = 'conversation.reopen') AS answered,
       CASE WHEN act.action <> 'conversation.reopen' THEN act.at END AS closed_at,
       (SELECT MAX(CASE WHEN {COMMENTED} THEN at + {WEEK}
                        WHEN later.at IS NOT NULL THEN at + began.open_for
                        ELSE COALESCE(began.closes_at, at + began.open_for) END)
          FROM message
         WHERE conversation = began.conversation AND at >= began.at AND (later.at IS NULL OR at < later.at)
           AND {ASKS}) AS lapses_at
  FROM waiting_start AS began
  LEFT JOIN message AS reply ON reply.id = (
       SELECT id FROM message
        WHERE conversation = began.conversation AND at >= began.at AND (author = 'elsewhere' OR id > began.message)
          AND {ANSWERS}
        ORDER BY at, id LIMIT 1)
  LEFT JOIN message AS later ON later.id = (
       SELECT next.id FROM message AS next
        WHERE next.conversation = began.conversation AND next.at > began.at AND next.at <= COALESCE(reply.at, {EVER})
          AND {ASKS}
          AND (next.at >= (
               SELECT at + CASE WHEN {COMMENTED} THEN {WEEK} ELSE began.open_for END FROM message
                WHERE conversation = next.conversation AND at <= next.at AND (at < next.at OR id < next.id) AND {ASKS}
                ORDER BY at DESC, id DESC LIMIT 1)
            OR 'conversation.reopen' <> (
               SELECT action FROM audit
                WHERE object = 'conversation:' || next.conversation AND at >= began.at AND at <= next.at
                  AND action IN {ACTS}
                ORDER BY at DESC, id DESC LIMIT 1))
        ORDER BY next.at, next.id LIMIT 1)
  LEFT JOIN audit AS act ON act.id = (
       SELECT id FROM audit
        WHERE object = 'conversation:' || began.conversation AND action IN {ACTS} AND at >= began.at
          AND at <= COALESCE(later.at, reply.at, {EVER})
        ORDER BY at DESC, id DESC LIMIT 1)
       ) AS period
"""  # noqa: S608

_ACCOUNT_DAY = f"""
CREATE VIEW account_day AS
SELECT workspace, account, CAST(at / {DAY} AS INTEGER) AS day,
       CAST(SUM(asked) AS INTEGER) AS messages, CAST(SUM(here) AS INTEGER) AS answers,
       CAST(SUM(elsewhere) AS INTEGER) AS answers_elsewhere
  FROM (
       SELECT workspace, account, at, 1 AS asked, 0 AS here, 0 AS elsewhere FROM asked
       UNION ALL
       SELECT workspace, account, at, 0, CASE WHEN author = 'agent' THEN 1 ELSE 0 END,
              CASE WHEN author = 'agent' THEN 0 ELSE 1 END FROM answer
       ) AS said
 GROUP BY workspace, account, CAST(at / {DAY} AS INTEGER)
"""  # noqa: S608

_SURVEY = """
CREATE VIEW survey AS
SELECT message.workspace, conversation.account, message.conversation, message.id AS question, message.at AS asked_at,
       satisfaction.score, satisfaction.at AS scored_at
  FROM message
  JOIN conversation ON conversation.id = message.conversation
  LEFT JOIN satisfaction ON satisfaction.question = message.id
 WHERE author = 'bridge' AND kind = 'auto_csat' AND (state = 'sent' OR satisfaction.score IS NOT NULL)
"""

VIEWS: Final = {
    "asked": _ASKED,
    "answer": _ANSWER,
    "waiting_start": _WAITING_START,
    "waiting_period": _WAITING_PERIOD,
    "account_day": _ACCOUNT_DAY,
    "survey": _SURVEY,
}
"""Each by its name, those before that a later one reads."""


def statement(name: str, dialect: str) -> str:
    """The statement that makes a view, in the words of a database."""
    return VIEWS[name].strip().replace("{human}", HUMAN[dialect])


def attach(metadata: sa.MetaData) -> None:
    """Have the views made after the tables, and dropped before them."""
    sa.event.listen(metadata, "after_create", _make)
    sa.event.listen(metadata, "before_drop", _drop)


def _make(_target: object, conn: sa.Connection, **_: object) -> None:
    for name in VIEWS:
        conn.exec_driver_sql(statement(name, conn.dialect.name))


def _drop(_target: object, conn: sa.Connection, **_: object) -> None:
    for name in reversed(VIEWS):
        conn.exec_driver_sql(f"DROP VIEW IF EXISTS {name}")
