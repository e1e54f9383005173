"""Teacher forcing step by step, for decoders whose attention enters the recurrence."""

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from seqapp.layers.cell_steps import CELL_STEPS, input_bias, recurrent_bias
from seqapp.layers.gathered_loop import Affine, gathered_scan, scan
from seqapp.layers.luong_attention import LuongAttention, tanh_score
from seqapp.layers.masks import softmax_dtype, softmax_where


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
    """The loop whose products, biases and gradients are taken out of it where the equations allow."""
    products = {**_cell_products(decoder, x.shape[-1]), **_attention_products(decoder.attention, constants)}
    attend = _attend_step("query" in products, constants.get("mask"))
    advance = _cells_step(decoder, x.shape[-1], masks)
    shared = _score_terms(decoder.attention, constants)
    z = _input_product(decoder.stack[0].cell, x if masks is None else x * masks[0][:, :, : x.shape[-1]])
    if decoder.order == "bahdanau":

        def step(t, z, state, shared, product):
            context, weights = attend(state[-1][0], shared, product)
            h, state = advance(t, z, context, state, product)
            return [h, context, weights], state

        specs = _specs(decoder, x, decoder.units, constants["memory"].shape[-1], None)
        (h, context, weights), _ = gathered_scan(step, z, _nest(state), shared, products, specs)
        return decoder.combine(tf.concat([context, h], axis=-1)), weights

    def step_with_feeding(t, z, state, shared, product):
        h, cells = advance(t, z, state[-1][0], state[:-1], product)
        context, weights = attend(h, shared, product)
        vector = tf.tanh(product("combine", tf.concat([context, h], axis=-1)))
        return [vector, weights], [*cells, (vector,)]

    products["combine"] = Affine(*map(tf.convert_to_tensor, (decoder.combine.kernel, decoder.combine.bias)))
    specs = _specs(decoder, x, decoder.units, None)
    (vectors, weights), _ = gathered_scan(step_with_feeding, z, _nest(state), shared, products, specs)
    return vectors, weights


def _input_product(cell: Any, x: tf.Tensor) -> tf.Tensor:
    """``x W + b`` [T, B, G] of x [T, B, E] with the rows of the kernel that multiply it."""
    width = x.shape[-1]
    flat = tf.matmul(tf.reshape(x, [-1, width]), tf.convert_to_tensor(cell.kernel)[:width])
    shape = tf.shape(x)
    return tf.reshape(tf.nn.bias_add(flat, input_bias(cell)), [shape[0], shape[1], flat.shape[-1]])


def _cell_products(decoder: Any, width: int) -> dict[str, Affine]:
    """Products of all cells within the loop, with inputs x of `width`."""
    products = {"fed": Affine(tf.convert_to_tensor(decoder.stack[0].cell.kernel)[width:])}
    for i, layer in enumerate(decoder.stack):
        cell = layer.cell
        if i:
            products[f"input_{i}"] = Affine(tf.convert_to_tensor(cell.kernel), input_bias(cell))
        products[f"recurrent_{i}"] = Affine(
            tf.convert_to_tensor(cell.recurrent_kernel), recurrent_bias(cell)
        )
    return products


def _cells_step(decoder: Any, width: int, masks: list | None) -> Callable:
    """``advance(t, z, fed, states, product) -> output of the top layer, new states``."""
    cell_step = CELL_STEPS[decoder.cell]

    def advance(t, z, fed, states, product):
        fed = fed if masks is None else fed * masks[0][t][:, width:]
        z, h, new_states = z + product("fed", fed), None, []
        for i, of_layer in enumerate(states):
            if i:
                z = product(f"input_{i}", h if masks is None else h * masks[i][t])
            of_layer = cell_step(z, of_layer, functools.partial(product, f"recurrent_{i}"))
            new_states.append(of_layer)
            h = h + of_layer[0] if i and decoder.residual else of_layer[0]
        return h, new_states

    return advance


def _attention_products(attention: LuongAttention, constants: dict) -> dict[str, Affine]:
    """Context, query projection and scores, as far as they are products."""
    products = {"memory": Affine(constants["memory"])}
    query_kernel = attention.query_kernel
    if query_kernel is not None:
        products["query"] = Affine(tf.convert_to_tensor(query_kernel))
    if not attention.has_score_vector:
        keys = tf.transpose(constants["keys"], [0, 2, 1])
        products["keys"] = Affine(keys * attention.units**-0.5 if attention.scaled else keys)
    return products


def _score_terms(attention: LuongAttention, constants: dict) -> dict[str, tf.Tensor]:
    """Keys and score vector of a score that is no product."""
    if not attention.has_score_vector:
        return {}
    vector = tf.convert_to_tensor(attention.score_vector)
    return {
        "keys": constants["keys"],
        "score_vector": vector * attention.units**-0.5 if attention.scaled else vector,
    }


def _attend_step(projects_query: bool, mask: tf.Tensor | None) -> Callable:
    """``attend(query [B, units], shared, product) -> context [B, H], weights [B, S]``."""

    def attend(query, shared, product):
        if projects_query:
            query = product("query", query)
        if shared:
            scores = tanh_score(query[:, tf.newaxis], shared["keys"], shared["score_vector"])[:, 0]
        else:
            scores = product("keys", query)
        allowed = tf.ones_like(scores, tf.bool) if mask is None else mask
        weights = softmax_where(scores, allowed)
        return product("memory", tf.cast(weights, query.dtype)), weights

    return attend
