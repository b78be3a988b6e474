"""Durable memory in SQL: one SQL for SQLite and PostgreSQL through SQLAlchemy Core."""
