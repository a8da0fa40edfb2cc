"""How up to three reported substances become answers: days, route, kind, age at first use, injection, disorder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.teds_rows import Row, answers_of

ALCOHOL, COCAINE, CANNABIS, HEROIN, METHADONE, OPIATES, METHAMPHETAMINE = 2, 3, 4, 5, 6, 7, 10
NO_USE, SOME_USE, DAILY = 1, 2, 3
OF_TIME = ("dry_days", "alcohol_last_days")


def days_of(folder: Path, *substances: tuple[int, int], **more: int) -> dict[str, str]:
    row = {f"SUB{place + 1}": code for place, (code, _) in enumerate(substances)}
    row |= {f"FREQ{place + 1}": often for place, (_, often) in enumerate(substances)}
    answers = answers_of(folder, row | more)
    return {name: text for name, text in answers.items() if name.endswith("_days") and name not in OF_TIME}


class TestDays:
    @pytest.mark.parametrize(("often", "days"), [(NO_USE, "0"), (SOME_USE, "1..29"), (DAILY, "30")])
    def test_one_substance(self, tmp_path: Path, often: int, days: str) -> None:
        assert days_of(tmp_path, (ALCOHOL, often))["alcohol_days"] == days

    @pytest.mark.parametrize(
        ("first", "second", "days"),
        [
            (NO_USE, NO_USE, "0"),
            (NO_USE, SOME_USE, "1..29"),
            (SOME_USE, SOME_USE, "1..30"),
            (SOME_USE, DAILY, "30"),
            (SOME_USE, -9, "1..30"),
            (NO_USE, -9, None),
        ],
    )
    def test_two_of_one_class_are_at_least_the_most_of_one_and_at_most_the_sum(
        self, tmp_path: Path, first: int, second: int, days: str | None
    ) -> None:
        assert days_of(tmp_path, (HEROIN, first), (OPIATES, second)).get("opioid_days") == days

    def test_a_class_that_is_not_named_stays_unknown(self, tmp_path: Path) -> None:
        none = 1
        assert days_of(tmp_path, (ALCOHOL, DAILY), (none, -9), (none, -9)) == {"alcohol_days": "30"}

    def test_a_named_substance_without_frequency_stays_unknown(self, tmp_path: Path) -> None:
        assert days_of(tmp_path, (ALCOHOL, -9)) == {}

    @pytest.mark.parametrize("inside", [{"DETNLF": 4}, {"DETCRIM": 6}])
    @pytest.mark.parametrize("often", [NO_USE, SOME_USE, DAILY])
    def test_in_an_institution_the_month_is_not_the_one_in_the_community(
        self, tmp_path: Path, inside: dict[str, int], often: int
    ) -> None:
        assert days_of(tmp_path, (HEROIN, often), **inside) == {}

    @pytest.mark.parametrize(
        ("code", "main"), [(11, "stimulant|other_or_not_named"), (19, "sedative|other_or_not_named")]
    )
    def test_a_code_of_two_classes_proves_neither(self, tmp_path: Path, code: int, main: str) -> None:
        answers = answers_of(tmp_path, {"SUB1": code, "FREQ1": DAILY})
        assert answers == {"main_substance": main, "dry_days": "0..30"}

    def test_a_code_of_two_classes_may_add_to_each(self, tmp_path: Path) -> None:
        assert days_of(tmp_path, (COCAINE, SOME_USE), (11, SOME_USE)) == {"stimulant_days": "1..30"}

    @pytest.mark.parametrize(
        ("code", "question"),
        [
            (ALCOHOL, "alcohol"),
            (METHADONE, "opioid"),
            (13, "sedative"),
            (16, "sedative"),
            (METHAMPHETAMINE, "stimulant"),
            (12, "stimulant"),
            (CANNABIS, "cannabis"),
            (8, "other"),
            (17, "other"),
            (18, "other"),
        ],
    )
    def test_every_substance_has_its_class(self, tmp_path: Path, code: int, question: str) -> None:
        assert days_of(tmp_path, (code, DAILY)) == {f"{question}_days": "30"}


class TestRouteAndKind:
    def test_route_and_kind_of_what_is_used(self, tmp_path: Path) -> None:
        answers = answers_of(tmp_path, {"SUB1": HEROIN, "FREQ1": DAILY, "ROUTE1": 4})
        assert answers["opioid_route"] == "injected"
        assert answers["opioid_kind"] == "fentanyl_or_unknown_powder|heroin"

    def test_what_was_not_used_has_no_route(self, tmp_path: Path) -> None:
        assert "opioid_route" not in answers_of(tmp_path, {"SUB1": HEROIN, "FREQ1": NO_USE, "ROUTE1": 4})

    def test_without_a_frequency_not_used_is_possible(self, tmp_path: Path) -> None:
        answers = answers_of(tmp_path, {"SUB1": COCAINE, "ROUTE1": 2})
        assert answers["stimulant_route"] == "smoked|not_used"
        assert answers["stimulant_kind"] == "cocaine|not_used"

    def test_two_routes_are_both_possible(self, tmp_path: Path) -> None:
        row = {"SUB1": HEROIN, "FREQ1": DAILY, "ROUTE1": 4, "SUB2": OPIATES, "FREQ2": SOME_USE, "ROUTE2": 1}
        assert answers_of(tmp_path, row)["opioid_route"] == "injected|swallowed"

    def test_one_unknown_route_leaves_the_class_unknown(self, tmp_path: Path) -> None:
        row = {"SUB1": HEROIN, "FREQ1": DAILY, "ROUTE1": 4, "SUB2": OPIATES, "FREQ2": SOME_USE, "ROUTE2": -9}
        assert "opioid_route" not in answers_of(tmp_path, row)

    def test_a_set_of_everything_is_not_an_answer(self, tmp_path: Path) -> None:
        assert "opioid_kind" not in answers_of(tmp_path, {"SUB1": HEROIN, "SUB2": OPIATES})


class TestInjecting:
    @pytest.mark.parametrize(
        ("row", "expected"),
        [
            ({"SUB1": HEROIN, "FREQ1": SOME_USE, "ROUTE1": 4, "IDU": 1}, "yes"),
            ({"SUB1": HEROIN, "FREQ1": NO_USE, "ROUTE1": 4, "IDU": 1}, None),
            ({"SUB1": HEROIN, "FREQ1": -9, "ROUTE1": 4, "IDU": 1}, None),
            ({"SUB1": HEROIN, "FREQ1": DAILY, "ROUTE1": 2, "IDU": 0}, None),
            ({"SUB1": HEROIN, "FREQ1": DAILY, "IDU": 1}, "yes"),
            # The flag is about the second substance, whose frequency is not in the file.
            ({"SUB1": ALCOHOL, "FREQ1": DAILY, "ROUTE1": 1, "SUB2": HEROIN, "IDU": 1}, None),
            ({"IDU": 1}, None),
        ],
    )
    def test_it_is_yes_for_use_in_the_past_month_and_never_no(
        self, tmp_path: Path, row: Row, expected: str | None
    ) -> None:
        assert answers_of(tmp_path, row).get("injecting") == expected


class TestTime:
    @pytest.mark.parametrize(
        ("row", "expected"),
        [
            ({"SUB1": CANNABIS, "FRSTUSE1": 3}, {"age_first_cannabis": "15..17"}),
            ({"SUB1": ALCOHOL, "FRSTUSE1": 1}, {"age_first_alcohol": "5..11"}),
            ({"SUB1": ALCOHOL, "FRSTUSE1": 7}, {"age_first_alcohol": "30..99"}),
            ({"SUB1": ALCOHOL, "FRSTUSE1": 7, "AGE": 7}, {"age_first_alcohol": "30..39"}),
            # Another opioid may have come before heroin.
            ({"SUB1": HEROIN, "FRSTUSE1": 6}, {"age_first_opioid": "5..29"}),
            ({"SUB1": HEROIN, "FRSTUSE1": 6, "SUB2": OPIATES, "FRSTUSE2": 4}, {"age_first_opioid": "5..20"}),
            ({"SUB1": HEROIN, "FRSTUSE1": 7}, {}),
            ({"SUB1": HEROIN, "FRSTUSE1": 7, "AGE": 8}, {"age_first_opioid": "5..44"}),
            ({"SUB1": 1, "FRSTUSE1": 3}, {}),
        ],
    )
    def test_age_at_first_use(self, tmp_path: Path, row: Row, expected: dict[str, str]) -> None:
        answers = answers_of(tmp_path, row)
        assert {name: text for name, text in answers.items() if name.startswith("age_first")} == expected

    @pytest.mark.parametrize(
        ("row", "expected"),
        [
            ({"SUB1": HEROIN, "FREQ1": SOME_USE}, "0..30"),
            ({"SUB1": HEROIN, "FREQ1": NO_USE, "SUB2": 1, "SUB3": 1}, "30.."),
            ({"SUB1": HEROIN, "FREQ1": NO_USE, "SUB2": -7, "SUB3": -7}, None),
            ({"SUB1": HEROIN, "FREQ1": NO_USE, "SUB2": COCAINE, "FREQ2": NO_USE, "SUB3": -9}, None),
            ({"SUB1": 1, "SUB2": 1, "SUB3": 1}, None),
        ],
    )
    def test_days_since_last_use(self, tmp_path: Path, row: Row, expected: str | None) -> None:
        assert answers_of(tmp_path, row).get("dry_days") == expected

    def test_alcohol_used_in_the_month_was_drunk_within_it(self, tmp_path: Path) -> None:
        assert answers_of(tmp_path, {"SUB1": ALCOHOL, "FREQ1": DAILY})["alcohol_last_days"] == "0..30"
        assert "alcohol_last_days" not in answers_of(tmp_path, {"SUB1": ALCOHOL, "FREQ1": NO_USE})

    @pytest.mark.parametrize(
        ("often", "pattern"),
        [(NO_USE, None), (SOME_USE, "occasional..daily_stopping"), (DAILY, "prescribed_stable..daily_stopping")],
    )
    def test_sedatives_in_use_are_not_none(self, tmp_path: Path, often: int, pattern: str | None) -> None:
        assert answers_of(tmp_path, {"SUB1": 13, "FREQ1": often}).get("sedative_pattern") == pattern


class TestDisorder:
    @pytest.mark.parametrize(
        ("row", "expected"),
        [
            ({"DSMCRIT": 4, "SUB1": ALCOHOL, "FREQ1": DAILY}, "mild..severe"),
            ({"DSMCRIT": 9, "SUB1": ALCOHOL, "FREQ1": SOME_USE}, "mild..severe"),
            ({"DSMCRIT": 4, "SUB1": ALCOHOL, "FREQ1": NO_USE}, None),
            ({"DSMCRIT": 4, "SUB1": ALCOHOL, "FREQ1": -9}, None),
            ({"DSMCRIT": 4, "SUB1": HEROIN, "FREQ1": DAILY}, None),
            ({"DSMCRIT": 8, "SUB1": METHAMPHETAMINE, "FREQ1": DAILY, "SUB2": 13, "FREQ2": NO_USE}, None),
            ({"DSMCRIT": 8, "SUB1": METHAMPHETAMINE, "FREQ1": DAILY, "SUB2": 13, "FREQ2": DAILY}, "mild..severe"),
            ({"DSMCRIT": 5, "SUB1": HEROIN, "FREQ1": DAILY, "DETNLF": 4}, None),
            ({"DSMCRIT": 15, "SUB1": ALCOHOL, "FREQ1": DAILY}, None),
        ],
    )
    def test_it_is_active_only_if_what_it_means_was_used(self, tmp_path: Path, row: Row, expected: str | None) -> None:
        assert answers_of(tmp_path, row).get("disorder") == expected
