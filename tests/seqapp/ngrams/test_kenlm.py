"""KenLM as a ruler: figures of its `lmplz`, and its query where the package `kenlm` is installed."""

import io

import numpy as np
import pytest

from seqapp.ngrams.arpa_reader import read_arpa
from seqapp.ngrams.arpa_writer import write_arpa
from seqapp.ngrams.kneser_ney import estimate_kneser_ney
from seqapp.ngrams.language_model import NgramLanguageModel

BOS, EOS, UNK, A, B, C = range(1, 7)
TOKENS = ["<pad>", "<s>", "</s>", "<unk>", "a", "b", "c"]
TEXTS = [[A, B, EOS], [A, B, EOS], [B, C, EOS]]
UNIGRAMS = """
\\1-grams:
-1	<unk>	0
0	<s>	-0.30103
-0.57403123	</s>	0
-0.7367586	a	-0.30103
-0.57403123	b	-0.30103
-0.7367586	c	-0.30103
"""
# printf 'a b\na b\nb c\n' | lmplz -o 3 --discount_fallback
WHOLE = f"""\\data\\
ngram 1=6
ngram 2=6
ngram 3=4
{UNIGRAMS}
\\2-grams:
-0.41642344	b </s>	0
-0.19836766	c </s>	0
-0.37161106	<s> a	-0.30103
-0.5228787	<s> b	-0.30103
-0.19836766	a b	-0.30103
-0.4663974	b c	-0.30103

\\3-grams:
-0.16010317	a b </s>
-0.08795518	b c </s>
-0.08795518	<s> a b
-0.17338535	<s> b c

\\end\\
"""
# The same with --prune 0 0 1.
PRUNED = f"""\\data\\
ngram 1=6
ngram 2=6
ngram 3=2
{UNIGRAMS}
\\2-grams:
-0.41642344	b </s>	0
-0.19836766	c </s>	0
-0.37161106	<s> a	-0.30103
-0.5228787	<s> b	0
-0.19836766	a b	-0.30103
-0.4663974	b c	0

\\3-grams:
-0.16010317	a b </s>
-0.08795518	<s> a b

\\end\\
"""


@pytest.mark.parametrize(("text", "minimum"), [(WHOLE, ()), (PRUNED, (1, 1, 2))])
def test_the_estimate_is_that_of_lmplz(text, minimum):
    wanted = read_arpa(io.BytesIO(text.encode()), TOKENS)
    found = estimate_kneser_ney(TEXTS, 3, len(TOKENS), minimum)
    for name in ("keys", "log_probabilities", "backoffs"):
        for one, other in zip(getattr(found, name), getattr(wanted, name), strict=True):
            np.testing.assert_allclose(one, other, atol=1e-6)


def test_kenlm_scores_our_file_as_we_do(tmp_path):
    kenlm = pytest.importorskip("kenlm")
    random = np.random.default_rng(1)
    words = [f"w{number}" for number in range(40)]
    tokens = [*TOKENS[:4], *words]

    def texts(count):
        lengths = random.integers(1, 12, count)
        return [np.minimum(4 + random.geometric(0.15, length), 4 + 39) for length in lengths]

    model = estimate_kneser_ney([[*text, EOS] for text in texts(300)], 4, len(tokens), (1, 1, 2))
    path = tmp_path / "model.arpa"
    write_arpa(model, tokens, path)
    ruler, lookup = kenlm.Model(str(path)), NgramLanguageModel.of(model)
    for text in [*texts(50), np.array([UNK, 5, UNK, 6])]:
        scores = lookup.sequence(np.array([[BOS, *text, EOS]], np.int32))[0] / np.log(10)
        wanted = [score for score, *_ in ruler.full_scores(" ".join(tokens[token] for token in text))]
        np.testing.assert_allclose(scores, wanted, atol=1e-4)
