"""The matrix products of a language model's completions, listed; `products_alone` runs them."""

from collections.abc import Sequence

from benchmarks.matrix_products import Product
from seqapp.config import RecurrentLanguageModelConfig, TransformerLanguageModelConfig
from seqapp.models.network_language_model import NetworkConfig

_GATES = {"lstm": 4, "gru": 3, "simple_rnn": 1}


def completion_products(
    config: NetworkConfig, vocabulary: int, prompts: Sequence[int], completions: Sequence[int]
) -> list[Product]:
    """The products of the completions of one batch: reading the prompts, then a step per token.

    A step has the rows that are not finished. The last token of a prompt, or BOS, is that of the first step.

    Args:
        config: the network's sizes.
        vocabulary: V.
        prompts: tokens of each prompt, BOS included.
        completions: tokens of each completion, EOS included.
    """
    longest = max(prompts) - 1
    found = _stack(config, len(prompts), longest) if longest else []
    for step in range(max(completions)):
        rows = sum(length > step for length in completions)
        found += [*_stack(config, rows, 1, config), *_output(config, vocabulary, rows)]
    return found


def _stack(
    config: NetworkConfig, rows: int, steps: int, cached: NetworkConfig | None = None
) -> list[Product]:
    """Of the layers over `steps` tokens of each row; with `cached` of one that attends to a full cache."""
    if isinstance(config, RecurrentLanguageModelConfig):
        return _recurrent(config, rows, steps)
    context = config.context_tokens if cached else steps
    return _transformer(config, rows, steps, context)


def _recurrent(config: RecurrentLanguageModelConfig, rows: int, steps: int) -> list[Product]:
    gates = _GATES[config.cell] * config.units
    found = []
    for layer in range(config.layers):
        width = config.units if layer else config.embedding_size
        found += [Product(1, rows * steps, width, gates), Product(steps, rows, config.units, gates)]
    return found


def _transformer(
    config: TransformerLanguageModelConfig, rows: int, steps: int, context: int
) -> list[Product]:
    count, units = rows * steps, config.units
    heads, width = config.heads, units // config.heads
    wide = config.feedforward_units or 4 * units
    layer = [
        Product(1, count, units, 3 * units),
        Product(1, steps, width, context, rows * heads),
        Product(1, steps, context, width, rows * heads),
        Product(1, count, units, units),
        Product(1, count, units, wide),
        Product(1, count, wide, units),
    ]
    projection = [Product(1, count, config.embedding_size, units)] if config.embedding_size != units else []
    return projection + config.layers * layer


def _output(config: NetworkConfig, vocabulary: int, rows: int) -> list[Product]:
    if not config.tied:
        return [Product(1, rows, config.units, vocabulary)]
    logits = Product(1, rows, config.embedding_size, vocabulary)
    if config.units == config.embedding_size:
        return [logits]
    return [Product(1, rows, config.units, config.embedding_size), logits]
