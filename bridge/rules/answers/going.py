"""Whether what is to go to the network may go as things are when its turn has come."""

from __future__ import annotations

from typing import assert_never

from bridge import policy, roles
from bridge.model.change import replace
from bridge.model.decision import Allowed, Decision, Denied, Drop, Due, Go, Instead, Scene
from bridge.model.effects import (
    AnswerAsker,
    EditTicket,
    GiveTranscript,
    KeepSubscribed,
    LearnApp,
    LearnGroup,
    LearnPerson,
    LearnProfile,
    LookForFile,
    LookForMessage,
    LookForPost,
    LookForSend,
    MarkSeen,
    MoveControl,
    MoveToSpam,
    OfTicket,
    PostAside,
    PostTicket,
    PrepareFile,
    ProbeAccount,
    ProbeDesk,
    ProbePlace,
    ProbeToken,
    PutTicket,
    Queued,
    ReactToCustomer,
    ReadConversations,
    ReadHistory,
    ReadThread,
    RedactTicket,
    RefreshLogin,
    RemoveFile,
    RemovePost,
    ReplaceLine,
    RetireCard,
    SendToCustomer,
    ShowHome,
    ShowTyping,
    Unsubscribe,
)
from bridge.model.state import Block, Message, PartState, ReplyState, Said
from bridge.rules.accounts import minding
from bridge.rules.acts import control
from bridge.rules.answers import automatic, onward, outgoing, preparing, reacting, writing
from bridge.rules.base import Context, card
from bridge.rules.customers import existence
from bridge.rules.desk import tickets

AsItWas = (
    RetireCard
    | RemovePost
    | RemoveFile
    | ReplaceLine
    | LookForPost
    | LookForFile
    | LearnProfile
    | LearnPerson
    | LearnGroup
    | ReadThread
    | GiveTranscript
    | PostAside
    | ShowHome
    | AnswerAsker
    | KeepSubscribed
    | ReadConversations
    | ReadHistory
    | ProbeAccount
    | RefreshLogin
    | Unsubscribe
    | ProbeDesk
    | ProbePlace
    | ProbeToken
)
"""What goes as it was asked for: nothing that changes meanwhile could stop it."""
Otherwise = (
    PrepareFile
    | ReactToCustomer
    | ShowTyping
    | MoveControl
    | LearnApp
    | MarkSeen
    | MoveToSpam
    | LookForMessage
    | LookForSend
    | OfTicket
    | AsItWas
)
"""Effects beside answers and what stands in threads."""
QUOTE_GONE = Denied(said=Said(key="reply.quote_gone"))


def send_due(scene: Scene, effect: SendToCustomer, context: Context) -> Due:
    """A part of an answer: its window, its words and its way are looked at once more."""
    message = scene.message
    if message is None or message.state is not ReplyState.WAITING:
        return Drop(why="no longer to be sent")
    part = next((part for part in message.parts if part.seq == effect.part), None)
    if part is None or part.state is not PartState.READY:
        return Drop(why="part ended otherwise")
    if automatic.is_ours(message):
        return automatic.due(scene, message, context)
    by = effect.by or message.person
    if by is not None and (barred := roles.no_longer(by, scene)) is not None:
        return _refused(scene, message, barred, barred.said.key, context)
    now = context.moment.now
    ruling = policy.may_answer(scene, now, like=effect.comment, by=message.id)
    if isinstance(ruling, Allowed) and ruling.comment is not None and (len(message.parts) > 1 or message.attachments):
        ruling = onward.one_only(scene, message, context)
    if isinstance(ruling, Denied):
        # The card has promised an open window until now; it must not go on promising it.
        return _refused(scene, message, ruling, ruling.said.key, context, card(scene, context))
    if ruling.comment != effect.comment:
        # The customer wrote meanwhile, or commented again: it goes another way, at that way's pace.
        anew = onward.let_go(onward.sends(scene, message, context, ruling.comment), effect.by)
        return Instead(decision=Decision(effects=anew), why="otherwise")
    quotes = message.about if effect.part == 1 and ruling.comment is None else None
    quoted = None if quotes is None else scene.quoted.get(quotes)
    if quoted is not None and quoted.message.unsent_at is not None:
        return _refused(scene, message, QUOTE_GONE, QUOTE_GONE.said.key, context)
    if (files := _files_first(scene, message, effect, context)) is not None:
        return files
    if (file := outgoing.file_of(message, effect.part)) is not None:
        return Go(file=file, tag=ruling.tag, quotes=quotes)
    texts = policy.parts_of(message, scene.account.platform, context.rules.wire)
    if effect.part > len(texts):
        # Its words are gone, erased by age: there is nothing left to send.
        return _refused(scene, message, onward.NO_WORDS, "no words left", context)
    return Go(text=texts[effect.part - 1], tag=ruling.tag, comment=ruling.comment, quotes=quotes)


def _refused(scene: Scene, message: Message, why: Denied, reason: str, context: Context, *beside: Queued) -> Instead:
    decision = onward.refused(scene, message, why, context)
    tried, asked = minding.not_tried(scene.account)
    effects = (*decision.effects, *beside, *asked)
    return Instead(decision=replace(decision, withdrawn=(message.id,), effects=effects, tried=tried), why=reason)


def _files_first(scene: Scene, message: Message, effect: SendToCustomer, context: Context) -> Instead | None:
    """The rest of an answer is queued anew where the network lacks one of its files, or where its way is for another kind."""
    moment = context.moment
    first = outgoing.prepares(scene, message, moment.now, moment.steady)
    if not first and effect.film == outgoing.is_film(message, effect.part):
        return None
    sends = onward.let_go(onward.sends(scene, message, context), effect.by)
    anew = Decision(effects=(*first, *sends), withdrawn=(message.id,))
    return Instead(decision=anew, why="files first" if first else "otherwise")


def otherwise_due(scene: Scene, effect: Otherwise, context: Context) -> Due:
    """Whatever else goes to the network, and what goes as it was asked for."""
    match effect:
        case PrepareFile():
            return preparing.due(scene, effect, context)
        case ReactToCustomer():
            return reacting.due(scene, effect)
        case ShowTyping():
            return writing.due(scene, effect, context)
        case MoveControl() | LearnApp():
            return control.due(scene, effect, context)
        case MarkSeen():
            return Go() if scene.customer.blocked is None else Drop(why="blocked")
        case MoveToSpam():
            return Go() if scene.customer.blocked is Block.SPAM else Drop(why="no spam any more")
        case PutTicket() | RedactTicket() | PostTicket() | EditTicket():
            return tickets.due(scene, effect, context)
        case LookForMessage():
            wanted = scene.message is not None and existence.can_be_looked_for(scene.message)
            return Go() if wanted else Drop(why="not to be looked for")
        case LookForSend():
            unsure = any(each.unsure_since is not None for each in scene.sending)
            return Go() if unsure else Drop(why="settled")
        case _ if isinstance(effect, AsItWas):
            return Go()
        case _:
            assert_never(effect)
