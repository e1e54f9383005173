"""CTranslate2 as a peer of our search: texts to texts, with the same weights and the same SentencePiece."""

from collections.abc import Callable, Sequence
from pathlib import Path

from seqapp.config import TranslationConfig

Translate = Callable[[Sequence[str]], list[str]]


def ctranslate2_translator(
    version: Path, config: TranslationConfig, compute_type: str, threads: int, beam_width: int
) -> Translate:
    """A function from texts to translations by CTranslate2, each text as one sentence.

    The exponent of the length penalty is the run's; CTranslate2 divides by ``|Y| ** alpha``, the run's search
    by ``((5 + |Y|) / 6) ** alpha``. The maximum length is one for a batch: that of its longest source.

    Args:
        version: what `export_ctranslate2` wrote.
        config: settings of the run.
        compute_type: ``float32`` or ``int8``.
        threads: threads of one translation.
        beam_width: hypotheses per text; 1 is greedy search.
    """
    # Imported late: an optional dependency.
    import ctranslate2
    import sentencepiece

    subwords = sentencepiece.SentencePieceProcessor(model_file=str(version / "subwords.model"))
    translator = ctranslate2.Translator(
        str(version), compute_type=compute_type, inter_threads=1, intra_threads=threads
    )
    search, limits = config.search, config.limits

    def translate(texts: Sequence[str]) -> list[str]:
        # The prefix is that of `Subwords`; CTranslate2 adds EOS.
        tokens = subwords.encode([f" {text}" for text in texts], out_type=str)
        tokens = [row[: limits.source_ids - 1] for row in tokens]
        room = int((max(map(len, tokens)) + 1) * search.length_factor) + search.length_offset
        answers = translator.translate_batch(
            tokens,
            beam_size=beam_width,
            length_penalty=search.length_penalty if beam_width > 1 else 0,
            max_decoding_length=min(room, limits.target_ids) - 1,
        )
        return [subwords.decode(answer.hypotheses[0]).removeprefix(" ") for answer in answers]

    return translate
