"""Durable memory in SQL: one SQL for SQLite and PostgreSQL through SQLAlchemy Core.

Where to begin: `store` and `writer` (transactions that share a commit), `transaction` (one, as rules and loops see it), `schema` and
`views` (every table and view; `house`, `trouble`, `ticket`, `saved` and `satisfaction` hold some), `migrations`.
The queues: `queue` (their states), `inbox`, `outbox`, `claim` (what goes next), `targets` (pace, holding), `joining`.
What rules look at (`bridge.looking`): `scenes`, `about`, `incidents`, `setups`. What becomes due (`bridge.due`): `ticks` and its parts.
What decisions write: `apply`, `changes`, `together`. What people read, on connections that cannot write: `lists`, `home`, `windows`, `survey`,
`figures`. What operators and wishes change, by one `hand`: `accounts`, `moving`, `pausing`, `conversations`, `setup`.
"""
