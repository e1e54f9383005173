"""A corpus score of sacreBLEU with sacreBLEU's confidence interval and paired test."""

import json
from collections.abc import Sequence

import numpy as np
from sacrebleu.metrics.base import Metric
from sacrebleu.significance import PairedTest, Result

from training.evaluation.intervals import Interval
from training.evaluation.measures import Measure, RowStatistics, trials_for


class SacreBleuScore(Measure):
    """BLEU or chrF of a system.

    Args:
        metric: the metric, used for this system only.
        hypotheses: translations, at least one.
        references: one reference per translation.

    Attributes:
        signature: sacreBLEU's signature of the score.
    """

    test = "approximate randomization"

    def __init__(self, metric: Metric, hypotheses: Sequence[str], references: Sequence[str]) -> None:
        self.metric = metric
        self.hypotheses = list(hypotheses)
        self.references = [list(references)]
        # sacreBLEU's own paired tests work on these counts; there is no public method for them.
        counts = metric._extract_corpus_statistics(self.hypotheses, self.references)
        self.statistics = RowStatistics(np.asarray(counts, float), self._scores)
        self.signature = str(metric.get_signature())

    def interval(self, resamples: int) -> Interval:
        """Return the interval of ``sacrebleu --confidence``: the mean of the resamples ± half the width."""
        score = self.metric.corpus_score(self.hypotheses, self.references, n_bootstrap=resamples)
        found = json.loads(score.format(width=4, is_json=True, signature=self.signature))
        # A score of 0 in all resamples has no mean.
        mean, half = found.get("confidence_mean", score.score), found.get("confidence_var", 0.0)
        return Interval(mean - half, mean + half)

    def p_value(self, first: "SacreBleuScore") -> float:
        """Return the p-value of ``sacrebleu --paired-ar``.

        Source: Riezler and Maxwell 2005, "On Some Pitfalls in Automatic Evaluation and Significance Testing
        for MT".
        """
        if self.value == first.value:
            return 1.0  # sacreBLEU counts trials strictly above the difference: none, if that is 0 in all
        systems: list[tuple[str, Sequence[str]]] = [("first", first.hypotheses), ("this", self.hypotheses)]
        trials = trials_for(self.statistics.rows)
        _, results = PairedTest(systems, {"": self.metric}, self.references, "ar", n_samples=trials)()
        (found,) = (values[1] for name, values in results.items() if name != "System")
        assert isinstance(found, Result)  # noqa: S101  the column "System" has names
        assert found.p_value is not None  # noqa: S101  only the first system has none
        return float(found.p_value)

    def _scores(self, sums: np.ndarray) -> np.ndarray:
        rows = sums.reshape(-1, sums.shape[-1]).tolist()
        scores = [self.metric._compute_score_from_stats(row).score for row in rows]
        return np.asarray(scores).reshape(sums.shape[:-1])
