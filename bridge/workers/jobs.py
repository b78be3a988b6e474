"""A claimed row, with all that an adapter needs to do it."""

from __future__ import annotations

from bridge.model.decision import Go, Job, Rules
from bridge.ports import About, OutboxRow


def job_of(row: OutboxRow, about: About, go: Go, rules: Rules) -> Job:
    """The job that is made of a row which may go."""
    return Job(
        row=row.id,
        text=go.text,
        file=go.file,
        tag=go.tag,
        comment=go.comment,
        quotes=go.quotes,
        choices=go.choices,
        effect=row.effect,
        attempts=row.attempts,
        scene=about.scene,
        workspace=about.workspace,
        account=about.account,
        sealed=about.sealed,
        incident=about.incident,
        members=about.members,
        language=about.language,
        names=about.names,
        pictures=about.pictures,
        waiting=about.waiting,
        rules=rules,
        drawn=about.drawn,
        listed=about.listed,
        closings=about.closings,
        connected=about.connected,
    )
