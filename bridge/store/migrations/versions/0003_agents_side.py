"""The agent's side: who looks after a conversation, and what became of it."""

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"

HUMAN = {
    "sqlite": "json_extract(account.settings, '$.human_agent') = 1",
    "postgresql": "account.settings ->> 'human_agent' = 'true'",
}
VIEWS = (
    """
CREATE VIEW asked AS
SELECT message.workspace, conversation.account, message.conversation, message.id AS message, message.at,
       message.kind IN ('comment', 'comment_ad', 'comment_ad_untitled', 'comment_live', 'comment_reel', 'comment_reply') AS comment,
       CASE WHEN {human} THEN conversation.human_close ELSE conversation.standard_close END AS closes_at,
       CASE WHEN {human} THEN 604800000000 ELSE 86400000000 END AS open_for
  FROM message
  JOIN conversation ON conversation.id = message.conversation
  JOIN account ON account.id = conversation.account
 WHERE author = 'customer' AND unsent_at IS NULL AND kind NOT IN ('ad', 'ad_untitled', 'edited', 'feedback', 'named', 'reaction', 'reaction_removed', 'referral', 'referral_named', 'referral_site', 'renamed', 'subscribed', 'subscribed_to', 'subscription_stopped', 'survey', 'unsent', 'wrote_through_site')
""",
    """
CREATE VIEW answer AS
SELECT message.workspace, conversation.account, message.conversation, message.id AS message, message.at,
       message.author, message.person, message.app
  FROM message
  JOIN conversation ON conversation.id = message.conversation
 WHERE (author = 'elsewhere' OR (author = 'agent' AND state = 'sent'))
""",
    """
CREATE VIEW waiting_start AS
SELECT asked.workspace, asked.account, asked.conversation, asked.message, asked.at, before.id IS NULL AS first,
       asked.closes_at, asked.open_for
  FROM asked
  LEFT JOIN message AS before ON before.id = (
       SELECT id FROM message
        WHERE conversation = asked.conversation AND at <= asked.at AND (at < asked.at OR id < asked.message) AND author = 'customer' AND unsent_at IS NULL AND kind NOT IN ('ad', 'ad_untitled', 'edited', 'feedback', 'named', 'reaction', 'reaction_removed', 'referral', 'referral_named', 'referral_site', 'renamed', 'subscribed', 'subscribed_to', 'subscription_stopped', 'survey', 'unsent', 'wrote_through_site')
        ORDER BY at DESC, id DESC LIMIT 1)
 WHERE before.id IS NULL
    OR asked.at >= before.at + CASE WHEN before.kind IN ('comment', 'comment_ad', 'comment_ad_untitled', 'comment_live', 'comment_reel', 'comment_reply') THEN 604800000000 ELSE asked.open_for END
    OR EXISTS (
       SELECT 1 FROM message
        WHERE conversation = asked.conversation AND at >= before.at AND at < asked.at
          AND (author = 'elsewhere' OR id > before.id) AND (author = 'elsewhere' OR (author = 'agent' AND state = 'sent')))
    OR 'conversation.reopen' <> (
       SELECT action FROM audit
        WHERE object = 'conversation:' || asked.conversation AND at >= before.at AND at <= asked.at AND action IN ('conversation.close', 'conversation.erase', 'conversation.reopen')
        ORDER BY at DESC, id DESC LIMIT 1)
""",
    """
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
       (SELECT MAX(CASE WHEN kind IN ('comment', 'comment_ad', 'comment_ad_untitled', 'comment_live', 'comment_reel', 'comment_reply') THEN at + 604800000000
                        WHEN later.at IS NOT NULL THEN at + began.open_for
                        ELSE COALESCE(began.closes_at, at + began.open_for) END)
          FROM message
         WHERE conversation = began.conversation AND at >= began.at AND (later.at IS NULL OR at < later.at)
           AND author = 'customer' AND unsent_at IS NULL AND kind NOT IN ('ad', 'ad_untitled', 'edited', 'feedback', 'named', 'reaction', 'reaction_removed', 'referral', 'referral_named', 'referral_site', 'renamed', 'subscribed', 'subscribed_to', 'subscription_stopped', 'survey', 'unsent', 'wrote_through_site')) AS lapses_at
  FROM waiting_start AS began
  LEFT JOIN message AS reply ON reply.id = (
       SELECT id FROM message
        WHERE conversation = began.conversation AND at >= began.at AND (author = 'elsewhere' OR id > began.message)
          AND (author = 'elsewhere' OR (author = 'agent' AND state = 'sent'))
        ORDER BY at, id LIMIT 1)
  LEFT JOIN message AS later ON later.id = (
       SELECT next.id FROM message AS next
        WHERE next.conversation = began.conversation AND next.at > began.at AND next.at <= COALESCE(reply.at, 9223372036854775807)
          AND author = 'customer' AND unsent_at IS NULL AND kind NOT IN ('ad', 'ad_untitled', 'edited', 'feedback', 'named', 'reaction', 'reaction_removed', 'referral', 'referral_named', 'referral_site', 'renamed', 'subscribed', 'subscribed_to', 'subscription_stopped', 'survey', 'unsent', 'wrote_through_site')
          AND (next.at >= (
               SELECT at + CASE WHEN kind IN ('comment', 'comment_ad', 'comment_ad_untitled', 'comment_live', 'comment_reel', 'comment_reply') THEN 604800000000 ELSE began.open_for END FROM message
                WHERE conversation = next.conversation AND at <= next.at AND (at < next.at OR id < next.id) AND author = 'customer' AND unsent_at IS NULL AND kind NOT IN ('ad', 'ad_untitled', 'edited', 'feedback', 'named', 'reaction', 'reaction_removed', 'referral', 'referral_named', 'referral_site', 'renamed', 'subscribed', 'subscribed_to', 'subscription_stopped', 'survey', 'unsent', 'wrote_through_site')
                ORDER BY at DESC, id DESC LIMIT 1)
            OR 'conversation.reopen' <> (
               SELECT action FROM audit
                WHERE object = 'conversation:' || next.conversation AND at >= began.at AND at <= next.at
                  AND action IN ('conversation.close', 'conversation.erase', 'conversation.reopen')
                ORDER BY at DESC, id DESC LIMIT 1))
        ORDER BY next.at, next.id LIMIT 1)
  LEFT JOIN audit AS act ON act.id = (
       SELECT id FROM audit
        WHERE object = 'conversation:' || began.conversation AND action IN ('conversation.close', 'conversation.erase', 'conversation.reopen') AND at >= began.at
          AND at <= COALESCE(later.at, reply.at, 9223372036854775807)
        ORDER BY at DESC, id DESC LIMIT 1)
       ) AS period
""",
    """
CREATE VIEW account_day AS
SELECT workspace, account, CAST(at / 86400000000 AS INTEGER) AS day,
       CAST(SUM(asked) AS INTEGER) AS messages, CAST(SUM(here) AS INTEGER) AS answers,
       CAST(SUM(elsewhere) AS INTEGER) AS answers_elsewhere
  FROM (
       SELECT workspace, account, at, 1 AS asked, 0 AS here, 0 AS elsewhere FROM asked
       UNION ALL
       SELECT workspace, account, at, 0, CASE WHEN author = 'agent' THEN 1 ELSE 0 END,
              CASE WHEN author = 'agent' THEN 0 ELSE 1 END FROM answer
       ) AS said
 GROUP BY workspace, account, CAST(at / 86400000000 AS INTEGER)
""",
)


def upgrade() -> None:
    op.add_column("conversation", sa.Column("owner", sa.Text(), nullable=True))
    op.add_column("conversation", sa.Column("worked_by", sa.Text(), nullable=True))
    op.add_column("conversation", sa.Column("worked_at", sa.BigInteger(), nullable=True))
    op.add_column("conversation", sa.Column("snoozed_until", sa.BigInteger(), nullable=True))
    op.add_column("message", sa.Column("signature", sa.Text(), nullable=True))
    op.add_column("message", sa.Column("reacted", sa.Text(), nullable=True))
    op.create_index("ix_audit_object", "audit", ["object", "at"])
    human = HUMAN[op.get_bind().dialect.name]
    for view in VIEWS:
        op.get_bind().exec_driver_sql(view.strip().replace("{human}", human))
