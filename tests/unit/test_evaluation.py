"""The figures of an evaluation, against scikit-learn, fairlearn, and people whose true chances are known."""

from __future__ import annotations

import numpy as np
import pytest
from fairlearn.metrics import MetricFrame
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    brier_score_loss,
    cohen_kappa_score,
    f1_score,
    log_loss,
    roc_auc_score,
)

from recommender.errors import InputError
from recommender.evaluation.calibration import Binned, calibration_of, slope_and_intercept
from recommender.evaluation.elsewhere import in_later_periods, with_fewer_people, without_each_site
from recommender.evaluation.estimate import Estimate
from recommender.evaluation.findings import evaluate
from recommender.evaluation.groups import by_group
from recommender.evaluation.held_out import HeldOut, Witnessed
from recommender.evaluation.measures import measures_of
from recommender.evaluation.net_benefit import THRESHOLDS, by_probability
from recommender.evaluation.placement import confusion_of
from recommender.evaluation.ranking import histogram
from recommender.evaluation.resampling import resample
from tests.evaluation_rows import LEVELS, people

ROWS, TRUTH = people()
DRAWN = resample(ROWS.site, ROWS.person, resamples=200)
IOP_OR_ABOVE = TRUTH.at_least(1), ROWS.label >= 1


class TestFigures:
    def test_every_measure_is_what_scikit_learn_says(self) -> None:
        assert TRUTH.probabilities is not None
        found = {name: estimate.value for name, estimate in measures_of(DRAWN, ROWS, TRUTH).items()}
        is_iop, of_iop = ROWS.label == 1, TRUTH.exactly(1)
        steps = [roc_auc_score(ROWS.label >= rank, TRUTH.at_least(rank)) for rank in (1, 2, 3)]
        one_hot = np.eye(len(LEVELS))[ROWS.label]
        expected = {
            "auc": np.mean(steps),
            "auc_iop": roc_auc_score(is_iop, of_iop),
            "accuracy": accuracy_score(ROWS.label, TRUTH.chosen),
            "kappa": cohen_kappa_score(ROWS.label, TRUTH.chosen, weights="quadratic"),
            "macro_f1": f1_score(ROWS.label, TRUTH.chosen, average="macro"),
            "log_loss": log_loss(ROWS.label, TRUTH.probabilities),
            "brier": ((TRUTH.probabilities - one_hot) ** 2).sum(axis=1).mean(),
        }
        assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-4)
        assert found["auprc_iop"] == pytest.approx(average_precision_score(is_iop, of_iop), abs=2e-3)
        assert found["under_placed"] + found["accuracy"] + found["over_placed"] == pytest.approx(1)

    def test_a_resample_is_what_copying_its_rows_would_give(self) -> None:
        score, positive = IOP_OR_ABOVE
        times = DRAWN.weights[7].astype(int)[DRAWN.cluster]
        copied = np.repeat(np.arange(ROWS.count), times)
        drawn = histogram(DRAWN, score, positive).auc().draws[7]
        assert drawn == pytest.approx(roc_auc_score(positive[copied], score[copied]), abs=1e-4)

    def test_slope_and_intercept_are_those_of_a_logistic_regression(self) -> None:
        score, positive = IOP_OR_ABOVE
        logit = np.log(score / (1 - score))
        # Twice as extreme and shifted: the slope must come out as a half.
        wrong = 1 / (1 + np.exp(-(2 * logit + 0.5)))
        slope, intercept = slope_and_intercept(histogram(DRAWN, wrong, positive))
        fitted = LogisticRegression(C=np.inf).fit((2 * logit + 0.5)[:, None], positive)
        assert slope.value == pytest.approx(float(fitted.coef_[0, 0]), abs=0.01)
        assert intercept.value < -0.3

    def test_a_perfect_model_errs_by_chance_alone_and_a_wrong_one_by_more(self) -> None:
        score, positive = IOP_OR_ABOVE
        perfect = calibration_of(histogram(DRAWN, score, positive))
        wrong = calibration_of(histogram(DRAWN, score**2, positive))
        assert perfect.noise_floor.high is not None
        assert perfect.ece.value is not None
        assert wrong.ece.value is not None
        assert perfect.ece.value <= perfect.noise_floor.high < wrong.ece.value
        assert perfect.slope.value == pytest.approx(1, abs=0.06)
        assert perfect.brier.value == pytest.approx(brier_score_loss(positive, score), abs=1e-4)
        binned = Binned.of(histogram(DRAWN, score, positive))
        assert binned.expected_floor() == pytest.approx(perfect.noise_floor.value or 0, rel=0.1)

    def test_net_benefit_is_its_formula(self) -> None:
        score, positive = IOP_OR_ABOVE
        found = by_probability(histogram(DRAWN, score, positive)).benefit
        place = THRESHOLDS.index(0.4)
        sent = score >= 0.4
        worth = (np.sum(sent & positive) - np.sum(sent & ~positive) * 0.4 / 0.6) / ROWS.count
        assert found[place].value == pytest.approx(worth, abs=2e-3)

    def test_what_a_candidate_does_not_say_is_left_out(self) -> None:
        silent = Witnessed("silent", np.full(ROWS.count, -1, dtype=np.int8))
        found = measures_of(DRAWN, ROWS, silent)
        assert "log_loss" not in found
        assert found["accuracy"].figure().value is None


class TestIntervals:
    def test_a_mean_has_the_interval_that_theory_gives(self) -> None:
        chance = np.random.default_rng(3)
        values = chance.normal(size=5000)
        drawn = resample(np.full(5000, -1), seed=1)
        figure = Estimate(drawn.total(values) / drawn.total(np.ones(5000))).figure()
        assert figure.low is not None
        assert figure.high is not None
        assert (figure.high - figure.low) == pytest.approx(2 * 1.96 / np.sqrt(5000), rel=0.15)

    def test_people_of_one_site_count_as_less_than_as_many_strangers(self) -> None:
        def width(site: np.ndarray) -> float:
            figure = confusion_of(resample(site), ROWS.label, TRUTH.chosen * 0, 4).under_placed().figure()
            return (figure.high or 0) - (figure.low or 0)

        assert width(ROWS.site) > 2 * width(np.full(ROWS.count, -1))

    def test_a_model_compared_with_itself_differs_by_nothing(self) -> None:
        first, again = (measures_of(DRAWN, ROWS, TRUTH)["auc"] for _ in range(2))
        assert (first - again).figure() == (0.0, 0.0, 0.0)

    def test_what_chance_lifts_has_its_value_inside_its_interval(self) -> None:
        for grouping in evaluate(ROWS, [TRUTH], resamples=200).groupings:
            for gap in grouping.gaps.values():
                assert gap.low is not None
                assert gap.high is not None
                assert gap.value is not None
                assert 0 <= gap.low <= gap.value <= gap.high


class TestGroups:
    def test_gaps_are_those_of_fairlearn(self) -> None:
        sex = ROWS.groups["sex"]
        frame = MetricFrame(
            metrics=lambda label, chosen: float(np.mean(chosen < label)),
            y_true=ROWS.label,
            y_pred=TRUTH.chosen,
            sensitive_features=sex.codes,
        )
        assert by_group(DRAWN, ROWS, TRUTH, sex).gaps["under_placed"].value == pytest.approx(frame.difference())

    def test_a_few_people_are_not_shown_and_cannot_be_worked_out(self) -> None:
        found = by_group(DRAWN, ROWS, TRUTH, ROWS.groups["race"])
        hidden = [group for group in found.groups if group.people is None]
        # The small one, and another with it, or its size would be what is missing to the whole.
        assert len(hidden) == 2
        assert all(not group.figures for group in hidden)


class TestElsewhere:
    def test_each_trial_is_on_people_that_the_training_did_not_see(self) -> None:
        period = np.arange(ROWS.count) % 3
        seen = []

        def fit(train: np.ndarray, test: np.ndarray) -> Witnessed:
            assert not set(train) & set(test)
            seen.append((len(train), len(test)))
            return TRUTH.take(test)

        sites = without_each_site(ROWS, fit, sites=3)
        periods = in_later_periods(ROWS, period, ("2021", "2022", "2023"), fit)
        sizes = with_fewer_people(ROWS, fit, np.arange(1000), (500, 2000))
        assert len(seen) == len(sites) + len(periods) + len(sizes) == 7
        assert [entry.name for entry in periods] == ["2022", "2023"]
        assert [entry.trained_on for entry in sizes] == [500, 2000]
        assert all(0.5 < (entry.figures["auc"].value or 0) < 1 for entry in (*sites, *periods, *sizes))


class TestBadInput:
    @pytest.mark.parametrize(
        ("label", "words"),
        [
            (np.zeros(100, dtype=np.int8), "the same label"),
            (np.array([0, 1] * 10, dtype=np.int8), "too few people"),
            (np.array([0, 9] * 50, dtype=np.int8), "not on the ladder"),
        ],
    )
    def test_labels_from_which_nothing_can_be_said_are_refused(self, label: np.ndarray, words: str) -> None:
        with pytest.raises(InputError) as caught:
            HeldOut(LEVELS, label, label, label)
        assert words in caught.value.faults[0].sentence()
