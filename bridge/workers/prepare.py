"""An agent's file on its way: from the desk, made fit, to the network; it is on our disk no longer than that."""

from __future__ import annotations

from functools import partial

from bridge.media.fit import Fitted, fitted
from bridge.model.decision import Job
from bridge.model.outcomes import Outcome, Refused
from bridge.ports import Fetched
from bridge.rules.answers.fitting import Which, worth_fetching
from bridge.workers.base import Tools


async def prepared(tools: Tools, job: Job) -> Outcome:
    """Bring the file that a job names to the network."""
    scene, wanted = job.scene, job.file
    message = None if scene is None else scene.message
    if scene is None or message is None or wanted is None:
        return Refused(code="other", why="other")
    table = tools.rules.files[scene.account.platform]
    which = Which(file=wanted.seq, files=len(message.attachments))
    videos, smaller = scene.account.settings.video_out, message.smaller
    async with tools.desk.file(job, which, partial(worth_fetching, table, which=which)) as got:
        if not isinstance(got, Fetched):
            return got
        async with fitted(got, table, which, videos=videos, smaller=smaller) as ready:
            return await tools.network.upload(job, ready.kind, ready.file) if isinstance(ready, Fitted) else ready
