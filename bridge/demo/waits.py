"""What a scene may wait for: sentences such as ``until yuki reads 在庫``, and how each is looked for."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from bridge.demo.cast import AGENTS, ALERTS, CUSTOMERS
from bridge.demo.meta import Customer
from bridge.demo.slack import Message
from bridge.demo.stage import Stage

SENTENCES: Final[Mapping[str, str]] = {
    r"until (\w+) reads (\d+) messages": "reads_many",
    r"until (\w+) reads (.+)": "reads",
    r"until the thread has (\d+) messages": "thread_has",
    r"until the thread says (.+)": "thread_says",
    r"until the thread no longer says (.+)": "thread_lacks",
    r"until the thread shows (\d+) files?": "thread_shows",
    r"until the channel says (.+)": "channel_says",
    r"until the card says (.+)": "card_says",
    r"until the card no longer says (.+)": "card_lacks",
    r"until the answer bears (\w+)": "answer_bears",
    r"until (\w+) is told": "is_told",
    r"until (\w+) is told (.+)": "is_told",
    r"until the alerts say (.+)": "alerts_say",
    r"until everything has arrived": "all_has_arrived",
}
"""Each sentence and the method of `Sight` that looks, first match first.

A thread and a card are those of the customer last spoken of; an answer is the last one given.
"""


class SceneError(Exception):
    """A scene that cannot be read, or whose play went another way; one sentence."""


@dataclass(kw_only=True)
class Progress:
    """What a play remembers: whom it is about, the last answer given, and what a page shows of it."""

    customer: Customer | None = None
    agent: str = AGENTS["aki"]
    answer: Message | None = None
    since: float = 0.0
    caption: str = ""
    look: str = ""
    typing: dict[str, object] | None = None


def can_wait(sentence: str) -> bool:
    """Whether a sentence is one of those that may be waited for."""
    return any(re.fullmatch(form, sentence, re.DOTALL) for form in SENTENCES)


def stranger(customer: object = None, agent: object = None) -> str | None:
    """Say who of these is nobody in the cast; None: all are somebody, or nobody was named."""
    customers = [person.key for person in CUSTOMERS]
    if customer is not None and customer not in customers:
        return f"there is no customer called {customer}; there are {', '.join(customers)}"
    if agent is not None and agent not in AGENTS:
        return f"no such agent: {agent}; there are {', '.join(AGENTS)}"
    return None


def stranger_in(sentence: str) -> str | None:
    """Say who is nobody of those that a sentence waits for."""
    for form, name in SENTENCES.items():
        if found := re.fullmatch(form, sentence, re.DOTALL):
            who = found.group(1) if name in {"reads", "reads_many", "is_told"} else None
            return stranger(agent=who) if name == "is_told" else stranger(who)
    return None


class Sight:
    """Looks at a stage on behalf of a play."""

    def __init__(self, stage: Stage, now: Progress) -> None:
        self._stage = stage
        self._now = now

    def of(self, sentence: str) -> Callable[[], bool]:
        """Return what tells whether a sentence has come true; SceneError for one that nobody can wait for."""
        for form, name in SENTENCES.items():
            if found := re.fullmatch(form, sentence, re.DOTALL):
                look: Callable[..., bool] = getattr(self, name)
                words = [word.strip("“”\"'") for word in found.groups()]
                return lambda: look(*words)
        raise SceneError(f"nobody can wait {sentence}")

    def customer(self, key: str) -> Customer:
        """Return a customer by the name scenes use."""
        if problem := stranger(key):
            raise SceneError(problem)
        return self._stage.cast.customers[key]

    def subject(self) -> Customer:
        """Return the customer last spoken of."""
        if self._now.customer is None:
            raise SceneError("nobody has been spoken of yet")
        return self._now.customer

    def reads(self, who: str, words: str) -> bool:
        """Whether a customer's phone shows an answer with these words."""
        return any(words in (bubble.text or "") for bubble in self._stage.meta.sent(self.customer(who)))

    def reads_many(self, who: str, count: str) -> bool:
        """Whether a customer's phone shows so many answers."""
        return len(self._stage.meta.sent(self.customer(who))) >= int(count)

    def thread_says(self, words: str) -> bool:
        """Whether a reply in the thread has these words."""
        return any(words in self._stage.slack.plain(reply) for reply in self._stage.replies(self.subject()))

    def thread_has(self, count: str) -> bool:
        """Whether the thread has so many replies."""
        return len(self._stage.replies(self.subject())) >= int(count)

    def thread_lacks(self, words: str) -> bool:
        """Whether neither the card nor any reply has these words."""
        root = self._stage.root(self.subject())
        shown = [*self._stage.replies(self.subject()), *([root] if root else [])]
        return bool(shown) and not any(words in self._stage.slack.plain(each) for each in shown)

    def thread_shows(self, count: str) -> bool:
        """Whether exactly so many files can be seen in the thread."""
        return sum(len(reply.files) for reply in self._stage.replies(self.subject())) == int(count)

    def channel_says(self, words: str) -> bool:
        """Whether a reply with these words is shown in the channel as well."""
        replies = self._stage.replies(self.subject())
        return any(reply.broadcast and words in self._stage.slack.plain(reply) for reply in replies)

    def card_says(self, words: str) -> bool:
        """Whether the card has these words."""
        root = self._stage.root(self.subject())
        return root is not None and words in self._stage.slack.plain(root)

    def card_lacks(self, words: str) -> bool:
        """Whether there is a card, without these words."""
        return self._stage.root(self.subject()) is not None and not self.card_says(words)

    def answer_bears(self, name: str) -> bool:
        """Whether the answer has a reaction of this name."""
        answer = self._now.answer
        return answer is not None and name in self._stage.slack.reactions(answer.channel, answer.ts)

    def is_told(self, who: str, words: str = "") -> bool:
        """Whether the bridge told an agent something since the last act, alone."""
        told = self._stage.told(AGENTS[who], after=self._now.since)
        return any(words in self._stage.slack.plain(each.what) for each in told)

    def alerts_say(self, words: str) -> bool:
        """Whether an alert has these words."""
        slack = self._stage.slack
        return any(words in slack.plain(message) for message in slack.channel_messages(ALERTS))

    def all_has_arrived(self) -> bool:
        """Whether the bridge has taken in everything that Meta had to tell."""
        return self._stage.meta.deliveries.settled
