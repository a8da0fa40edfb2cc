"""The store as the desk uses it, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import contextlib
import functools
import threading
from typing import Any

import pytest
from sqlalchemy import text

from recommender.errors import Conflict, InputError, NotFound, NotPermitted
from recommender.intake import FaultyIntake
from recommender.interview import Interview
from recommender.likely import load_population
from recommender.likely.population import PACKAGED
from recommender.policy import Policy
from recommender.store import (
    Engine,
    Event,
    Store,
    Work,
    assessments,
    clearances,
    consents,
    decisions,
    disclosures,
    people,
    recommendations,
    referrals,
)
from tests.command_line import run
from tests.stores import INTAKES, WHO, Clock, Desk, assessed, give, staffed


@pytest.fixture
def desk(store: Store) -> Desk:
    return staffed(store)


@pytest.fixture(scope="module")
def engine(policy: Policy) -> Engine:
    return Engine(policy, load_population(policy.questionnaire, PACKAGED))


class TestPeople:
    def test_somebody_is_found_by_exact_search_however_it_is_spelt(self, store: Store, desk: Desk) -> None:
        with store.writing() as work:
            person = people.add(work, WHO, "north", event=desk.coordinator)
            people.add(work, people.Identity("Zo", "Quill", "1980-02-04"), "north", event=desk.coordinator)
            for by in (
                {"name": "zoe  QUILLFEATHER"},
                {"family_name": "quillfeather", "born": "1980-02-03"},
                {"telephone": "15550100199"},
                {"record_number": "mr7712"},
            ):
                assert people.search(work, event=desk.coordinator, **by) == [person], by
                assert people.search(work, "south", event=desk.coordinator, **by) == [], by

    def test_an_erased_person_has_no_name_and_is_not_found(self, store: Store, desk: Desk) -> None:
        with store.writing() as work:
            person = people.add(work, WHO, "north", event=desk.coordinator)
            people.erase(work, person.id, event=desk.coordinator)
        with store.writing() as work:
            assert people.identify(work, [person.id], event=desk.coordinator) == {person.id: people.Identity()}
            assert people.search(work, event=desk.coordinator, name="zoe quillfeather") == []

    def test_who_must_not_wait_comes_first(self, store: Store, desk: Desk, clock: Clock) -> None:
        with store.writing() as work:
            person = people.add(work, WHO, "north", event=desk.coordinator)
            for priority in ("none", "injecting", "pregnant"):
                referrals.add(work, person.id, source="self", priority=priority, event=desk.coordinator)
            listed = referrals.worklist(work, "north")
            assert [(r.priority, r.due_at and (r.due_at - clock.now).days) for r in listed] == [
                ("pregnant", 2),
                ("injecting", 14),
                ("none", None),
            ]
            assert referrals.worklist(work, "south") == []

    def test_what_is_not_there_is_said_to_be_missing(self, store: Store) -> None:
        with store.reading() as work, pytest.raises(NotFound):
            people.get(work, "0" * 32)


class TestAnswers:
    def test_every_answer_stays_with_who_gave_it(self, store: Store, policy: Policy, desk: Desk, clock: Clock) -> None:
        first = assessed(store, policy, desk, "half_finished", age=41, drinks_per_day=None)
        clock.forward(minutes=5)
        second = give(store, policy, desk.clinician, first, age={"from": 40, "to": 42})
        give(store, policy, desk.clinician, second, age="declined", drinks_per_day=None)
        with store.reading() as work:
            history = [row for row in assessments.changes(work, first.id) if row.question in ("age", "drinks_per_day")]
            told = [(row.question, row.state, row.value, row.given_by) for row in history]
            assert told == [
                ("age", "answered", "41", desk.coordinator.actor),
                ("age", "answered", '{"from": 40, "to": 42}', desk.clinician.actor),
                ("age", "declined", None, desk.clinician.actor),
                ("drinks_per_day", "not_known", None, desk.clinician.actor),
            ]
            then = assessments.intake(work, first.id, policy, version=second.version)
            assert then.answers["age"][:2] == (40, 42)

    def test_an_answer_taken_back_is_as_if_never_asked(self, store: Store, policy: Policy, desk: Desk) -> None:
        first = assessed(store, policy, desk, "clear_iop")
        with store.writing() as work:
            given = {"tobacco_now": None, "cigarettes_per_day": None}
            assessments.answer(work, first.id, given, policy.questionnaire, seen=first.version, event=desk.coordinator)
        with store.reading() as work:
            assert assessments.intake(work, first.id, policy).answers.keys().isdisjoint(given)

    def test_a_reassessment_carries_answers_forward_and_says_so(self, store: Store, policy: Policy, desk: Desk) -> None:
        first = assessed(store, policy, desk, "clear_iop")
        with store.writing() as work:
            again = assessments.reassess(work, first.id, event=desk.coordinator)
        with store.reading() as work:
            old, new = (assessments.intake(work, a.id, policy).answers for a in (first, again))
            carried = assessments.carried_forward(assessments.in_force(work, again.id), policy.questionnaire)
        assert carried == old
        assert new == {name: a for name, a in old.items() if name not in policy.safety_questions}, "asked again"
        with store.writing() as work:
            event, confirmed = desk.coordinator, {"suicide_thoughts": old["suicide_thoughts"]}
            assessments.answer(work, again.id, confirmed, policy.questionnaire, seen=again.version, event=event)
        with store.reading() as work:
            assert "suicide_thoughts" in assessments.intake(work, again.id, policy).answers
            rows = assessments.in_force(work, again.id)
            assert "suicide_thoughts" not in assessments.carried_forward(rows, policy.questionnaire)

    def test_the_second_of_two_who_answer_one_question_is_told(self, store: Store, policy: Policy, desk: Desk) -> None:
        seen = assessed(store, policy, desk, "half_finished")
        give(store, policy, desk.coordinator, seen, age=50)
        with pytest.raises(Conflict) as told:
            give(store, policy, desk.clinician, seen, age=51, pulse=70)
        assert [fault.field for fault in told.value.faults] == ["age"]
        with store.reading() as work:
            answers = assessments.intake(work, seen.id, policy).answers
            assert answers["age"][:2] == (50, 50)
            assert "pulse" not in answers or answers["pulse"][:2] != (70, 70), "nothing of it was written"

    def test_two_who_answer_different_questions_do_not_collide(self, store: Store, policy: Policy, desk: Desk) -> None:
        seen = assessed(store, policy, desk, "half_finished")
        give(store, policy, desk.coordinator, seen, age=50)
        give(store, policy, desk.clinician, seen, pulse=71)
        with store.reading() as work:
            answers = assessments.intake(work, seen.id, policy).answers
            assert (answers["age"].lower, answers["pulse"].lower) == (50, 71)

    def test_of_many_at_once_one_is_heard_and_all_others_are_told(
        self, store: Store, policy: Policy, desk: Desk
    ) -> None:
        seen = assessed(store, policy, desk, "half_finished")
        outcomes: list[str] = []

        def answer(age: int) -> None:
            try:
                give(store, policy, desk.coordinator, seen, age=age)
                outcomes.append("written")
            except Conflict:
                outcomes.append("told")

        threads = [threading.Thread(target=answer, args=(60 + n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["told"] * 7 + ["written"]


class TestRecommendations:
    def test_what_is_kept_is_what_the_command_prints(
        self, store: Store, policy: Policy, desk: Desk, engine: Engine
    ) -> None:
        assessment = assessed(store, policy, desk, "clear_iop")
        _, kept = recommendations.issue(store, engine, assessment.id, event=desk.coordinator)
        printed = run("assess", INTAKES / "clear_iop.json", "--format", "json").stdout
        assert kept.result + "\n" == printed.replace('"id": "clear-iop"', f'"id": "{assessment.id}"')
        assert kept.policy_hash == policy.hash

    def test_contradicting_answers_get_none_and_an_emergency_gets_its_card(
        self, store: Store, policy: Policy, desk: Desk, engine: Engine
    ) -> None:
        wrong = assessed(store, policy, desk, "clear_iop", heavy_days=30)
        with pytest.raises(FaultyIntake):
            recommendations.issue(store, engine, wrong.id, event=desk.coordinator)
        emergency = give(store, policy, desk.coordinator, wrong, overdose_now=True)
        _, kept = recommendations.issue(store, engine, emergency.id, event=desk.coordinator)
        assert (kept.status, kept.level_shown) == ("blocked", False)


class TestHolds:
    @pytest.fixture
    def held(self, store: Store, policy: Policy, desk: Desk) -> assessments.Assessment:
        return assessed(store, policy, desk, "clear_iop", age=17)

    def clear(self, store: Store, policy: Policy, who: Event, held: assessments.Assessment, **more: Any) -> None:
        with store.writing() as work:
            flag = self.flags(work, policy, held)[0]
            asked: dict[str, Any] = {"flag": flag, "seen": held.version, "reason": "examined", "event": who, **more}
            clearances.clear(work, policy, held.id, **asked)

    def flags(self, work: Work, policy: Policy, held: assessments.Assessment) -> list[str]:
        answers = assessments.intake(work, held.id, policy).answers
        return [flag.id for flag in Interview(policy, answers).flags if flag.mode != "floor"]

    def test_a_cleared_hold_shows_the_level_and_says_who_cleared_it(
        self, store: Store, policy: Policy, desk: Desk, engine: Engine, held: assessments.Assessment
    ) -> None:
        _, before = recommendations.issue(store, engine, held.id, event=desk.coordinator)
        assert (before.status, before.level_shown, before.told["level"]) == ("held", False, None)
        self.clear(store, policy, desk.clinician, held)
        _, after = recommendations.issue(store, engine, held.id, event=desk.coordinator)
        assert (after.status, after.level_shown) == ("held", True)
        assert after.told["bounds"] is not None
        entry = after.told["cleared"][0]
        assert (entry["reason"], entry["by"]) == ("examined", desk.clinician.actor)

    def test_a_clearance_lapses_with_the_answers_it_rests_on(
        self, store: Store, policy: Policy, desk: Desk, engine: Engine, held: assessments.Assessment
    ) -> None:
        self.clear(store, policy, desk.clinician, held)
        with store.reading() as work:
            now = assessments.get(work, held.id)
        now = give(store, policy, desk.coordinator, now, cigarettes_per_day=6)
        assert recommendations.issue(store, engine, held.id, event=desk.coordinator)[1].level_shown
        give(store, policy, desk.coordinator, now, age={"from": 16, "to": 17})
        assert not recommendations.issue(store, engine, held.id, event=desk.coordinator)[1].level_shown

    def test_a_safety_question_left_open_keeps_the_level_back_all_the_same(
        self, store: Store, policy: Policy, desk: Desk, engine: Engine
    ) -> None:
        held = assessed(store, policy, desk, "clear_iop", age=17, suicide_thoughts=None)
        self.clear(store, policy, desk.clinician, held)
        assert not recommendations.issue(store, engine, held.id, event=desk.coordinator)[1].level_shown

    def test_only_a_clinician_of_the_site_clears_and_nobody_clears_an_emergency(
        self, store: Store, policy: Policy, desk: Desk, held: assessments.Assessment
    ) -> None:
        for who in (desk.coordinator, desk.elsewhere, desk.clinician._replace(actor="command line")):
            with pytest.raises(NotPermitted):
                self.clear(store, policy, who, held)
        with pytest.raises(InputError):
            self.clear(store, policy, desk.clinician, held, reason="other", words=" ")
        emergency = assessed(store, policy, desk, "clear_iop", overdose_now=True)
        with pytest.raises(NotPermitted, match="1 refusal"):
            self.clear(store, policy, desk.clinician, emergency)


class TestDecisions:
    @pytest.fixture
    def kept(self, store: Store, policy: Policy, desk: Desk, engine: Engine) -> recommendations.StoredRecommendation:
        assessment = assessed(store, policy, desk, "clear_iop")
        return recommendations.issue(store, engine, assessment.id, event=desk.coordinator)[1]

    def test_a_reason_is_due_wherever_something_differs(
        self, store: Store, policy: Policy, desk: Desk, kept: recommendations.StoredRecommendation
    ) -> None:
        fits = {"indicated": "intensive_outpatient"}
        less = {"indicated": "outpatient", "override_reason": "clinician_disagrees", "words": "well supported"}
        self.check(store, policy, desk, kept, fits, None, seen=0)
        self.check(store, policy, desk, kept, {**fits, "offered": "outpatient"}, "difference_reason", seen=1)
        refused = {**fits, "offered": "nothing", "difference_reason": "waiting_list"}
        self.check(store, policy, desk, kept, refused, None, seen=1)
        self.check(store, policy, desk, kept, {"indicated": "outpatient"}, "override_reason", seen=2)
        self.check(store, policy, desk, kept, {**less, "override_reason": "payer_denial"}, "override_reason", seen=2)
        self.check(store, policy, desk, kept, {**less, "words": " "}, "words", seen=2)
        self.check(store, policy, desk, kept, less, None, seen=2)
        self.check(store, policy, desk, kept, {**less, **fits}, "override_reason", seen=3)
        self.check(store, policy, desk, kept, {"indicated": "nowhere"}, "indicated", seen=3)

    def check(
        self,
        store: Store,
        policy: Policy,
        desk: Desk,
        kept: recommendations.StoredRecommendation,
        said: dict[str, str],
        wrong: str | None,
        *,
        seen: int,
    ) -> None:
        """Decides, and expects a fault in one field, or that all is well."""
        decide = functools.partial(decisions.decide, ladder=policy.ladder, recommendation_id=kept.id, seen=seen)
        with store.writing() as work:
            if wrong is None:
                made = decide(work, event=desk.coordinator, **said)
                assert made.is_override is (said["indicated"] == "outpatient")
                assert decisions.words_of(work, made) == said.get("words", "")
                return
            with pytest.raises(InputError) as told:
                decide(work, event=desk.coordinator, **said)
            assert told.value.faults[0].field == wrong

    def test_a_clinician_signs_what_then_cannot_be_changed_unseen(
        self, store: Store, policy: Policy, desk: Desk, kept: recommendations.StoredRecommendation
    ) -> None:
        with store.writing() as work:
            made = decisions.decide(
                work, policy.ladder, kept.id, indicated="intensive_outpatient", event=desk.coordinator
            )
            with pytest.raises(NotPermitted):
                decisions.sign(work, made.id, event=desk.coordinator)
            decisions.sign(work, made.id, event=desk.clinician)
            with pytest.raises(Conflict):
                decisions.sign(work, made.id, event=desk.clinician)
        with store.writing() as work:
            standing = decisions.latest(work, kept.assessment_id)
            assert standing is not None
            assert decisions.signature_holds(work, standing)
            work.session.execute(text("UPDATE decisions SET indicated = 'outpatient'"))
        with store.reading() as work:
            changed = decisions.latest(work, kept.assessment_id)
            assert changed is not None
            assert not decisions.signature_holds(work, changed)

    def test_nobody_decides_on_what_is_out_of_date(
        self, store: Store, policy: Policy, desk: Desk, kept: recommendations.StoredRecommendation
    ) -> None:
        level: dict[str, Any] = {"indicated": "intensive_outpatient", "event": desk.coordinator}
        with store.writing() as work:
            decisions.decide(work, policy.ladder, kept.id, **level)
            with pytest.raises(Conflict):
                decisions.decide(work, policy.ladder, kept.id, **level)
            decisions.decide(work, policy.ladder, kept.id, seen=1, **level)
            now = assessments.get(work, kept.assessment_id)
        give(store, policy, desk.coordinator, now, cigarettes_per_day=6)
        with store.writing() as work, pytest.raises(Conflict):
            decisions.decide(work, policy.ladder, kept.id, seen=2, **level)


class TestDisclosures:
    CASES = (
        (None, "County court", "legal_proceedings", False),
        ("care", "County court", "legal_proceedings", False),
        ("named_recipient", "County court", "legal_proceedings", False),
        ("legal_proceedings", "County court", "legal_proceedings", True),
        ("legal_proceedings", "City police", "legal_proceedings", False),
        ("legal_proceedings", "County court", "treatment", False),
        ("care", "A clinic", "treatment", True),
        ("care", "A newspaper", "other", False),
        (None, "A clinic", "treatment", False),
        (None, "Ambulance", "medical_emergency", True),
        (None, "The person", "to_the_person", True),
    )

    def test_a_record_leaves_only_on_a_ground(self, store: Store, desk: Desk) -> None:
        for scope, to, purpose, allowed in self.CASES:
            with store.writing() as work:
                person = people.add(work, WHO, "north", event=desk.coordinator)
                if scope:
                    named = {"scope": scope, "recipient": "County court", "purpose": "Case 1"}
                    consents.give(work, person.id, event=desk.coordinator, **named)
                disclose = functools.partial(disclosures.disclose, work, person.id, what="packet")
                ground = contextlib.nullcontext() if allowed else pytest.raises(NotPermitted)
                with ground:
                    disclose(recipient=to, purpose=purpose, event=desk.coordinator)
                assert len(disclosures.of_person(work, person.id)) == allowed, (scope, to, purpose)

    def test_a_consent_that_ended_or_was_revoked_is_no_ground(self, store: Store, desk: Desk, clock: Clock) -> None:
        with store.writing() as work:
            person = people.add(work, WHO, "north", event=desk.coordinator)
            short = consents.give(
                work, person.id, scope="care", ends_at=clock.now.replace(hour=10), event=desk.coordinator
            )
            assert short.holds(clock.now)
            assert not short.holds(clock.now.replace(hour=10))
            consents.revoke(work, short.id, event=desk.coordinator)
            with pytest.raises(NotPermitted):
                disclosures.disclose(
                    work, person.id, recipient="A clinic", purpose="treatment", what="packet", event=desk.coordinator
                )
