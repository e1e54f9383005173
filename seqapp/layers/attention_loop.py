"""Teacher forcing step by step, for decoders whose attention enters the recurrence."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from seqapp.layers.attention_step import attention_products, attention_step, score_terms
from seqapp.layers.cell_steps import CELL_STEPS, cell_products, input_bias
from seqapp.layers.gathered_loop import Affine, gathered_scan, scan
from seqapp.layers.luong_attention import LuongAttention
from seqapp.layers.masks import softmax_dtype


def decode_in_loop(decoder: Any, x: tf.Tensor, state: list, constants: dict, training: bool) -> tuple:
    """Runs an `AttentionDecoder` with input feeding or Bahdanau's order over a whole target.

    In training the gradients of the weights are gathered over time, see `gathered_scan`, where the decoder
    consists of this package's layers; else the loop runs `AttentionDecoder.advance`.

    Args:
        decoder: a built `AttentionDecoder`.
        x: [B, T, E].
        state: from `initial_state`.
        constants: from `constants`.
        training: with dropout.

    Returns:
        attentional vectors [B, T, units] and attention weights [B, T, S].
    """
    masks = _dropout_masks(decoder, x) if training and decoder.dropout else None
    loop = _gathered if training and _can_gather(decoder) else _plain
    vectors, weights = loop(decoder, tf.transpose(x, [1, 0, 2]), state, constants, masks)
    return _batch_first(vectors, x), _batch_first(weights, x)


def _dropout_masks(decoder: Any, x: tf.Tensor) -> list[tf.Tensor]:
    """For each layer 0 or 1 / (1 - rate), [T, B, width], by which its input is multiplied."""
    widths = [decoder.input_units(x.shape[-1])] + [decoder.units] * (decoder.layers - 1)
    shape = tf.shape(x)
    return [
        dropout(tf.ones([shape[1], shape[0], width], x.dtype), training=True)
        for dropout, width in zip(decoder.dropouts, widths, strict=False)
    ]


def _batch_first(values: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
    values = tf.transpose(values, [1, 0, 2])
    values.set_shape([*x.shape[:2], None])
    return values


def _plain(decoder, x, state, constants, masks):
    """The loop over the decoder's own layers."""
    inputs = tf.TensorArray(x.dtype, size=tf.shape(x)[0], element_shape=x.shape[1:]).unstack(x)

    def step(t, state):
        dropped = None if masks is None else [mask[t] for mask in masks]
        vector, weights, state = decoder.advance(inputs.read(t), state, constants, dropped)
        return [vector, tf.cast(weights, softmax_dtype(x.dtype))], state

    (vectors, weights), _ = scan(step, tf.shape(x)[0], _nest(state), _specs(decoder, x, decoder.units, None))
    return vectors, weights


def _specs(decoder, x, *widths):
    """Of outputs [B, width] in the type of `x`, the last of them attention weights."""
    types = [x.dtype] * (len(widths) - 1) + [tf.as_dtype(softmax_dtype(x.dtype))]
    return [tf.TensorSpec([None, width], dtype) for width, dtype in zip(widths, types, strict=True)]


def _nest(state):
    return [tuple(of_layer) for of_layer in state]


def _can_gather(decoder: Any) -> bool:
    """Whether the gathered loop computes what the decoder's layers compute."""
    attention = decoder.attention
    return (
        decoder.cell in CELL_STEPS
        and type(attention) is LuongAttention
        and not callable(attention.score)
        and attention.compute_dtype == decoder.compute_dtype
        and not any(layer.dtype_policy.quantization_mode for layer in decoder._flatten_layers())
    )


def _gathered(decoder, x, state, constants, masks):
    """The loop without what does not depend on it, and with gathered gradients."""
    steps, width = tf.shape(x)[0], x.shape[-1]
    dropped = x if masks is None else x * masks[0][:, :, :width]
    products = {**_cell_products(decoder, dropped), **attention_products(decoder.attention, constants)}
    attend = attention_step("query" in products, constants.get("mask"))
    advance = _cells_step(decoder, width, masks)
    terms = score_terms(decoder.attention, constants)
    if decoder.order == "bahdanau":

        def step(t, state, terms, product):
            context, weights = attend(state[-1][0], terms, product)
            h, state = advance(t, context, state, product)
            return [h, context, weights], state

        specs = _specs(decoder, x, decoder.units, constants["memory"].shape[-1], None)
        (h, context, weights), _ = gathered_scan(step, steps, _nest(state), terms, products, specs)
        return decoder.combine(tf.concat([context, h], axis=-1)), weights

    def step_with_feeding(t, state, terms, product):
        h, cells = advance(t, state[-1][0], state[:-1], product)
        context, weights = attend(h, terms, product)
        vector = tf.tanh(product("combine", context, h))
        return [vector, weights], [*cells, (vector,)]

    products["combine"] = Affine(*map(tf.convert_to_tensor, (decoder.combine.kernel, decoder.combine.bias)))
    specs = _specs(decoder, x, decoder.units, None)
    (vectors, weights), _ = gathered_scan(step_with_feeding, steps, _nest(state), terms, products, specs)
    return vectors, weights


def _cell_products(decoder: Any, x: tf.Tensor) -> dict[str, Affine]:
    """Products of all cells; that of x [T, B, E] with its rows of the kernel is computed here, as one."""
    products, width = {}, x.shape[-1]
    for i, layer in enumerate(decoder.stack):
        kernel, bias = tf.convert_to_tensor(layer.cell.kernel), input_bias(layer.cell)
        if not i:
            shape = tf.shape(x)
            flat = tf.nn.bias_add(tf.matmul(tf.reshape(x, [-1, width]), kernel[:width]), bias)
            bias = tf.reshape(flat, [shape[0], shape[1], kernel.shape[-1]])
            kernel = kernel[width:]
        products.update(cell_products(f"layer_{i}", decoder.cell, kernel, bias, layer.cell))
    return products


def _cells_step(decoder: Any, width: int, masks: list | None) -> Callable:
    """``advance(t, fed, states, product) -> output of the top layer, new states``."""
    step = CELL_STEPS[decoder.cell]

    def advance(t, fed, states, product):
        x, new_states = fed, []
        for i, of_layer in enumerate(states):
            dropped = x if masks is None else _dropped(x, masks[i][t] if i else masks[0][t][:, width:])
            of_layer = step(f"layer_{i}", dropped, of_layer, product)
            new_states.append(of_layer)
            x = tf.add_n([x, of_layer[0]]) if i and decoder.residual else of_layer[0]
        return x, new_states

    return advance


@tf.custom_gradient
def _dropped(x: tf.Tensor, mask: tf.Tensor) -> tuple:
    return x * mask, lambda d: (d * mask, None)
