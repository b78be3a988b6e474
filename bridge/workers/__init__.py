"""The three loops that move everything.

    intake.keep | inbox  | decide  | outbox
                  outbox | deliver | what was learnt, into the inbox
    tick        | outbox, inbox            (what has become due by itself)

decide: pure rules, one fact at a time.  deliver: batches, at most one row of a lane, outside any transaction.
A loop never calls another loop; they hand each other work only by the two tables. Beside them two
small ones empty the database's own log of what was erased (`forget`) and look after people's pages (`homes`).
"""
