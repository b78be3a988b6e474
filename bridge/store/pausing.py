"""What came while an account was paused is told where its agents are, whoever resumes it and however."""

from __future__ import annotations

from bridge.model.facts import AlertDue
from bridge.model.state import Account
from bridge.store import alerts
from bridge.store.hand import Hand

KIND = "resumed"


def tell(hand: Hand, account: Account) -> None:
    """Say in the account's channel how many messages came; nothing where none did. account: while it is still paused."""
    count = hand.tx.setups.beside(account).missed
    if not count:
        return
    due = AlertDue(
        workspace=account.workspace,
        at=hand.moment.now,
        key=f"{KIND}:{account.id}",
        kind=KIND,
        place=account.settings.channel,
        account=account.id,
        values={"count": count},
    )
    hand.tx.facts.keep([alerts.to_item(due, hand.tx.new_id())], hand.moment.steady)
