"""Sentence alignment of texts and their given translations."""

import tensorflow as tf

from seqapp.tasks.sentences import Sentences


def paired_sentences(
    texts: tuple[tf.Tensor, tf.Tensor], split: tuple[Sentences, Sentences]
) -> tuple[Sentences, Sentences]:
    """Both sides in equally many sentences, row by row.

    A row whose sides have different numbers of sentences gets one sentence per side: its whole text.

    Args:
        texts: string[B] of both sides.
        split: their sentences.
    """
    alike = tf.equal(split[0].counts, split[1].counts)
    rows = tf.shape(texts[0])[0]
    chosen = tf.where(alike, tf.range(rows), rows + tf.range(rows))

    def select(text: tf.Tensor, parts: Sentences) -> Sentences:
        whole = Sentences.whole(text)
        pool = tf.concat([parts.by_text(parts.flat), whole.by_text(whole.flat)], axis=0)
        separators = tf.concat([parts.separators, whole.separators], axis=0)
        return Sentences.ragged(tf.gather(pool, chosen), tf.gather(separators, chosen), parts.cut & alike)

    return select(texts[0], split[0]), select(texts[1], split[1])
