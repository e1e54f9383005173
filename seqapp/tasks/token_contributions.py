"""What each token of a text adds to the log-odds of a class."""

from dataclasses import dataclass

import tensorflow as tf

from seqapp.linear.calibration import Calibration
from seqapp.linear.ngram_scorer import NgramScorer
from seqapp.models.classifier import Classifier
from seqapp.models.integrated_gradients import attributions
from seqapp.signatures import Output
from seqapp.special_ids import EOS_ID
from seqapp.tasks.token_spans import TokenSpans, token_spans
from seqapp.text.subwords import Subwords

# The outputs of `explain` beside the label: the fields of `TokenSpans`.
CONTRIBUTIONS = {
    "tokens": Output("string", "B, T", "tokens of the text; padding is empty"),
    "begin": Output("int32", "B, T", "first byte of each token in the text"),
    "end": Output("int32", "B, T", "byte after the last of each token"),
    "weights": Output("float32", "B, T", "what each token adds to the log-odds of the label"),
}


@dataclass(frozen=True)
class TokenContributions:
    """Integrated gradients of the network, and the linear model's own contributions, summed by token.

    Attributes:
        model: the network.
        subwords: the vocabulary.
        linear: the linear model; None for the network alone.
        calibration: the weights of both.
        longest: tokens read of a text, EOS included.
        exclusive: one class per text, else several.
    """

    model: Classifier
    subwords: Subwords
    linear: NgramScorer | None
    calibration: Calibration
    longest: int
    exclusive: bool

    def of(self, text: tf.Tensor, ids: tf.Tensor, linear_scores: tf.Tensor, classes: tf.Tensor) -> TokenSpans:
        """The tokens of each text with their contributions.

        Args:
            text: string[B].
            ids: int32 [B, S], the texts as the network reads them.
            linear_scores: float32 [B, C], class scores of the linear model, before its weight.
            classes: int32 [B], the class to explain of each text.
        """
        added = attributions(
            self.model,
            ids,
            self.calibration.linear_weight * linear_scores,
            classes,
            self.exclusive,
            network_weight=self.calibration.network_weight,
        )
        weights = tf.where(tf.equal(ids, EOS_ID), 0.0, added.tokens)
        begin, end = self.subwords.offsets(text, self.longest)
        found = token_spans(text, begin, end, weights)
        if self.linear is None:
            return found
        direction = added.linear * self.calibration.linear_weight
        of_spans = self.linear.contributions(text, direction, found.begin, found.end)
        return found._replace(weights=found.weights + of_spans)
