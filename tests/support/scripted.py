"""A search step that follows a script: no network, exact expectations."""

import numpy as np
import tensorflow as tf

from seqapp.special_ids import BOS_ID, EOS_ID


class ScriptedStep:
    """Log-probabilities of the next id given the ids so far, from a table.

    The state is the history itself (int32 [N, longest], -1 where nothing is yet) and a counter, so
    that a search which loses or mixes up its state cannot give the right answer.

    Args:
        table: {(previous ids …): {id: probability}}, one for each row of the batch; the key () is the
            first step. What a table leaves out has probability 1e-9.
        vocabulary_size: V.
        longest: room for the history.
    """

    def __init__(self, tables, vocabulary_size, longest=8):
        self.tables = tables
        self.vocabulary_size = vocabulary_size
        self.longest = longest
        self.calls = 0

    def start(self):
        rows = len(self.tables)
        state = {"history": tf.fill([rows, self.longest], -1), "length": tf.zeros([rows], tf.int32)}
        return state, {"row": tf.range(rows)}

    def __call__(self, tokens, state, constants):
        self.calls += 1
        of_row = constants["row"].numpy()  # a search may leave out rows that are done
        history, length = state["history"].numpy().copy(), state["length"].numpy()
        logits = np.full([len(tokens), self.vocabulary_size], np.log(1e-9), np.float32)
        for n, token in enumerate(tokens.numpy()):
            if token != BOS_ID:
                history[n, length[n] - 1] = token
            prefix = tuple(int(i) for i in history[n] if i >= 0)
            table = self.tables[of_row[n // (len(tokens) // len(of_row))]]
            for chosen, probability in table.get(prefix, {EOS_ID: 1.0}).items():
                logits[n, chosen] = np.log(probability)
        return tf.constant(logits), {"history": tf.constant(history), "length": tf.constant(length + 1)}
