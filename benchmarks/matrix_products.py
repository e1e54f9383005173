"""The matrix products of a translator's training step, listed and run alone.

Every implementation of the step needs them; their rate is an upper bound for the step on the same machine.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import tensorflow as tf

from seqapp.config import (
    AttentionDecoderConfig,
    RecurrentEncoderConfig,
    TransformerEncoderConfig,
    TranslatorConfig,
)
from seqapp.errors import ConfigError

_GATES = {"lstm": 4, "gru": 3, "simple_rnn": 1}
_STATES = {"lstm": 2, "gru": 1, "simple_rnn": 1}


class Product(NamedTuple):
    """``times`` sequential products, each of ``batch`` pairs [m, k] · [k, n].

    Fields:
        times: number per step.
        m, k, n: rows and columns of the left matrix, columns of the right matrix.
        batch: pairs per batched product.
    """

    times: int
    m: int
    k: int
    n: int
    batch: int = 1

    @property
    def flops(self) -> int:
        """Multiplications and additions of all `times`."""
        return 2 * self.times * self.batch * self.m * self.k * self.n


def forward_products(config: TranslatorConfig, vocabulary: int, B: int, S: int, T: int) -> list[Product]:
    """The products of the teacher-forced forward pass.

    Args:
        config: the network's sizes.
        vocabulary: V.
        B: sentences of the batch.
        S: source ids of each, padding included: the steps of the encoder.
        T: target ids of each, padding included: the steps of the decoder.

    Raises:
        ConfigError: the products of the decoder are not listed here.
    """
    decoder = _attention_decoder(config)
    return _encoder(config, decoder, B, S) + _decoder(config, decoder, vocabulary, B, S, T, rows=1)


def matrix_products(config: TranslatorConfig, vocabulary: int, B: int, S: int, T: int) -> list[Product]:
    """The products of a training step: those forward, and for each the two of its gradient.

    With Y = X·W the gradients are ``dX = dY·Wᵀ`` and ``dW = Xᵀ·dY``: as many operations each as Y. Of a
    product that is done once a time step, dX is too; dW is one product over all steps.
    Arguments as in `forward_products`.
    """
    forward = forward_products(config, vocabulary, B, S, T)
    backward = []
    for times, m, k, n, batch in reversed(forward):
        backward += [Product(times, m, n, k, batch), Product(1, k, times * m, n, batch)]
    return forward + backward


def search_products(
    config: TranslatorConfig, vocabulary: int, B: int, S: int, K: int, steps: int
) -> list[Product]:
    """The products of a beam search: the encoder, then `steps` times those of K hypotheses of B sentences.

    Other arguments and errors as in `forward_products`.
    """
    decoder = _attention_decoder(config)
    step = _decoder(config, decoder, vocabulary, B, S, T=1, rows=K)
    return _encoder(config, decoder, B, S) + steps * step


def total_flops(products: Iterable[Product]) -> int:
    """Operations of all products together."""
    return sum(product.flops for product in products)


def products_alone(products: Sequence[Product]) -> Callable[[], tf.Tensor]:
    """A compiled function that multiplies `products`, one after another, and does nothing else.

    The factors are variables, so that nothing can be folded; every product waits for the one before
    it, so that none is shared with an equal one; one element of each result goes into the sum that
    is returned, so that none is left out.
    """
    factors: dict[tuple[int, ...], tf.Variable] = {}
    for product in products:
        for rows, columns in ((product.m, product.k), (product.k, product.n)):
            shape = [product.batch, rows, columns] if product.batch > 1 else [rows, columns]
            factors.setdefault(tuple(shape), tf.Variable(tf.random.stateless_uniform(shape, [1, 2])))
    order = [product for product in products for _ in range(product.times)]

    def multiply() -> tf.Tensor:
        corners: list[tf.Tensor] = []
        result = None
        for product in order:
            lead = (product.batch,) if product.batch > 1 else ()
            with tf.control_dependencies([] if result is None else [result]):
                left = factors[(*lead, product.m, product.k)].read_value()
                right = factors[(*lead, product.k, product.n)].read_value()
                result = tf.matmul(left, right)
            corners.append(tf.reshape(tf.slice(result, [0] * result.shape.rank, [1] * result.shape.rank), []))
        return tf.add_n(corners)

    return tf.function(multiply, autograph=False).get_concrete_function()


def _attention_decoder(config: TranslatorConfig) -> AttentionDecoderConfig:
    """The decoder's configuration. Raises `ConfigError` where its products are not listed here."""
    decoder = config.decoder
    if not isinstance(decoder, AttentionDecoderConfig):
        raise ConfigError(
            "decoder.kind: expected 'attention', the only decoder whose matrix products are counted, got "
            f"{decoder.kind!r}"
        )
    if decoder.order != "luong" or decoder.input_feeding:
        raise ConfigError(
            "decoder.order: expected 'luong' without input feeding, the only order whose matrix products are "
            f"counted, got {decoder.order!r}{' with input feeding' * decoder.input_feeding}"
        )
    return decoder


def _encoder(config: TranslatorConfig, decoder: AttentionDecoderConfig, B: int, S: int) -> list[Product]:
    """The encoder, the bridge to the decoder's first state, and the keys of the attention."""
    E, H, D = config.embedding_size, config.encoder.units, decoder.units
    products, final_state = [], 2 * H
    if isinstance(config.encoder, RecurrentEncoderConfig):
        cell, directions = config.encoder.cell, 2 if config.encoder.bidirectional else 1
        for layer in range(config.encoder.layers):
            products += directions * _recurrent(cell, S, B, H if layer else E, H // directions)
        final_state = _STATES[cell] * H
    else:
        products += _transformer(config.encoder, E, B, S)
    products.append(Product(1, B, final_state, _STATES[decoder.cell] * decoder.layers * D))
    if decoder.score != "dot":
        products.append(Product(1, B * S, H, D))
    return products


def _decoder(
    config: TranslatorConfig,
    decoder: AttentionDecoderConfig,
    vocabulary: int,
    B: int,
    S: int,
    T: int,
    rows: int,
) -> list[Product]:
    """The decoder and the logits: T positions of B · rows sequences, `rows` of each sentence."""
    E, H, D, N = config.embedding_size, config.encoder.units, decoder.units, B * rows
    products = []
    for layer in range(decoder.layers):
        products += _recurrent(decoder.cell, T, N, D if layer else E, D)
    queries = rows * T
    if decoder.score in ("concat", "additive"):
        products.append(Product(1, N * T, D, D))  # projected queries
        products.append(Product(1, queries * S, D, 1, batch=B))  # v · tanh(query + key)
    else:
        products.append(Product(1, queries, D, S, batch=B))  # attention scores
    products.append(Product(1, queries, S, H, batch=B))  # contexts
    products.append(Product(1, N * T, H + D, D))  # attentional vectors
    if D != E:
        products.append(Product(1, N * T, D, E))  # output projection
    products.append(Product(1, N * T, E, vocabulary))  # logits
    return products


def _transformer(config: TransformerEncoderConfig, E: int, B: int, S: int) -> list[Product]:
    """The projection of the input where it is not as wide, and the layers of a transformer encoder."""
    H = config.units
    inner, width = config.feedforward_units or 4 * H, H // config.heads
    layer = [
        *[Product(1, B * S, H, H)] * 3,  # queries, keys, values
        Product(1, S, width, S, batch=B * config.heads),  # scores
        Product(1, S, S, width, batch=B * config.heads),  # contexts
        Product(1, B * S, H, H),  # all heads together
        Product(1, B * S, H, inner),
        Product(1, B * S, inner, H),
    ]
    return [Product(1, B * S, E, H)] * (E != H) + config.layers * layer


def _recurrent(cell: str, steps: int, rows: int, inputs: int, units: int) -> list[Product]:
    """The input projection of all gates for all steps at once, and the recurrent product of each step."""
    gates = _GATES[cell] * units
    return [Product(1, steps * rows, inputs, gates), Product(steps, rows, units, gates)]
