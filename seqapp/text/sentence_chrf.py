"""chrF of one sentence."""

from collections import Counter

_LONGEST = 6
_BETA = 2


def sentence_chrf(hypothesis: str, reference: str) -> float:
    """F2-score of character n-grams of 1 to 6 characters, 0 to 100, without whitespace.

    Precision and recall are averaged over the lengths that both sides have n-grams of.

    Source: Popović 2015, "chrF: character n-gram F-score for automatic MT evaluation"; equal to sacreBLEU's
    ``CHRF().sentence_score`` with one reference.
    """
    ours, theirs = ("".join(text.split()) for text in (hypothesis, reference))
    longest = min(_LONGEST, len(ours), len(theirs))
    if not longest:
        return 0.0
    precision = recall = 0.0
    for length in range(1, longest + 1):
        found, wanted = _ngrams(ours, length), _ngrams(theirs, length)
        matches = (found & wanted).total()
        precision += matches / found.total() / longest
        recall += matches / wanted.total() / longest
    if not precision:
        return 0.0
    weight = _BETA**2
    return 100 * (1 + weight) * precision * recall / (weight * precision + recall)


def _ngrams(text: str, length: int) -> Counter[str]:
    return Counter(text[start : start + length] for start in range(len(text) - length + 1))
