"""The store: people, referrals, answers, recommendations, decisions, users and the audit log, in SQLite or PostgreSQL.

    keys = read_keys(Path("keys"))                          # or write_keys(new_ring(), path) once
    store = create_store("sqlite:///desk.db", keys, heads=Path("desk.heads"))     # later: open_store(…)
    engine = recommendations.Engine(load_policy(), load_population(questionnaire))

    with store.writing() as work:                           # one transaction; never inside another
        first = users.add(work, "ana", "four words of nothing", role="coordinator", site="north", event=Event(SETUP))
    attempt = sign_ins.sign_in(store, "ana", "…", address="192.0.2.1", event=Event(""))     # attempt.token, .wait
    with store.reading() as work:
        signed_in = sessions.look_up(work, attempt.token)   # (session, user) or None; then sessions.see(store, session)

    event = Event(user.id, through="web", request="…")      # required by everything that writes, or names somebody
    with store.writing() as work:
        person = people.add(work, people.Identity("Ann", "Example", "1980-02-03"), user.site, event=event)
        referral = referrals.add(work, person.id, source="self", priority="pregnant", event=event)
        assessment = assessments.start(work, person.id, referral_id=referral.id, event=event)
        given = {"age": Answer(41, 41)}
        assessment = assessments.answer(work, assessment.id, given, questionnaire, seen=1, event=event)
        # Conflict where somebody changed one of these questions since version `seen`; say assessment.version next time
        names = people.identify(work, [person.id], event=event)         # reading a name is an event as well
    with store.reading() as work:
        intake = assessments.intake(work, assessment.id, policy)    # .answers for Interview(policy, answers)
    made, kept = recommendations.issue(store, engine, assessment.id, event=event)   # outside of any transaction
    with store.writing() as work:
        clearances.clear(work, policy, assessment.id, "flag", seen=assessment.version, reason="examined", event=event)
        decision = decisions.decide(work, policy.ladder, kept.id, indicated="…", offered="…", event=event)
        decisions.sign(work, decision.id, event=event)

Rows that come back stay readable after their transaction. Who may do what is in `permissions`: `may(user, permission,
site)`. The store asks it by itself for clearing, deciding, signing and disclosing; pages ask it for everything.
"""

from recommender.store.anchor import Head
from recommender.store.audit import COMMAND_LINE, SETUP, Event
from recommender.store.database import Store, Work, create_store, open_store
from recommender.store.keys import KeyRing, new_ring, read_keys, write_keys
from recommender.store.recommendations import Engine

__all__ = [
    "COMMAND_LINE",
    "SETUP",
    "Engine",
    "Event",
    "Head",
    "KeyRing",
    "Store",
    "Work",
    "create_store",
    "new_ring",
    "open_store",
    "read_keys",
    "write_keys",
]
