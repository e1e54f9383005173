"""The products of a training step, counted by hand, and the command."""

import json
import random
import subprocess
import sys

import pytest
import tensorflow as tf

from benchmarks.matrix_products import (
    Product,
    forward_products,
    matrix_products,
    products_alone,
    search_products,
    total_flops,
)
from seqapp.config import (
    AttentionDecoderConfig,
    FixedContextDecoderConfig,
    RecurrentEncoderConfig,
    TransformerDecoderConfig,
    TransformerEncoderConfig,
    TranslatorConfig,
)
from seqapp.errors import ConfigError

CONFIG = TranslatorConfig(
    embedding_size=6, encoder=RecurrentEncoderConfig(units=8), decoder=AttentionDecoderConfig(units=10)
)


def test_forward_products_of_two_sentences():
    # B 2, S 3, T 5, E 6, H 8 (4 each way), D 10, V 50; 4 gates.
    assert forward_products(CONFIG, 50, 2, 3, 5) == [
        Product(1, 6, 6, 16),  # forward: input projection, all 3 steps
        Product(3, 2, 4, 16),  # forward: recurrent, each of 3 steps
        Product(1, 6, 6, 16),  # backward
        Product(3, 2, 4, 16),
        Product(1, 2, 16, 20),  # bridge: [h; c] of both directions → h and c
        Product(1, 6, 8, 10),  # keys
        Product(1, 10, 6, 40),  # decoder: input projection, all 5 steps
        Product(5, 2, 10, 40),  # decoder: recurrent, each of 5 steps
        Product(1, 5, 10, 3, batch=2),  # scores
        Product(1, 5, 3, 8, batch=2),  # contexts
        Product(1, 10, 18, 10),  # combine [c; h]
        Product(1, 10, 10, 6),  # D → E
        Product(1, 10, 6, 50),  # logits
    ]


def test_layers_dot_score_and_equal_widths():
    config = TranslatorConfig(
        embedding_size=4,
        encoder=RecurrentEncoderConfig(units=4, layers=2, bidirectional=False),
        decoder=AttentionDecoderConfig(units=4, layers=2, score="dot"),
    )
    assert forward_products(config, 9, 1, 2, 3) == [
        *[Product(1, 2, 4, 16), Product(2, 1, 4, 16)] * 2,
        Product(1, 1, 8, 16),  # bridge: h and c of two decoder layers; no keys, no D → E
        *[Product(1, 3, 4, 16), Product(3, 1, 4, 16)] * 2,
        Product(1, 3, 4, 2),
        Product(1, 3, 2, 4),
        Product(1, 3, 8, 4),
        Product(1, 3, 4, 9),
    ]


def test_other_cells():
    config = TranslatorConfig(
        embedding_size=4,
        encoder=RecurrentEncoderConfig(cell="gru", units=6, layers=2, residual=True),
        decoder=AttentionDecoderConfig(cell="simple_rnn", units=4, layers=2, residual=True),
    )
    assert forward_products(config, 9, 1, 2, 3) == [
        *[Product(1, 2, 4, 9), Product(2, 1, 3, 9)] * 2,  # 3 gates of 3 each way
        *[Product(1, 2, 6, 9), Product(2, 1, 3, 9)] * 2,
        Product(1, 1, 6, 8),  # bridge: h of both directions → h of two decoder layers
        Product(1, 2, 6, 4),  # keys
        *[Product(1, 3, 4, 4), Product(3, 1, 4, 4)] * 2,  # no gates
        Product(1, 3, 4, 2),
        Product(1, 3, 2, 6),
        Product(1, 3, 10, 4),
        Product(1, 3, 4, 9),
    ]


@pytest.mark.parametrize("score", ["concat", "additive"])
def test_scores_of_a_sum(score):
    config = CONFIG.with_changes(decoder=AttentionDecoderConfig(units=10, score=score))
    general = forward_products(CONFIG, 50, 2, 3, 5)
    queries, scores = Product(1, 10, 10, 10), Product(1, 15, 10, 1, batch=2)
    assert forward_products(config, 50, 2, 3, 5) == [*general[:8], queries, scores, *general[9:]]
    found = search_products(config, 50, B=2, S=3, K=4, steps=1)
    assert Product(1, 8, 10, 10) in found
    assert Product(1, 12, 10, 1, batch=2) in found


@pytest.mark.parametrize(
    ("decoder", "message"),
    [
        (FixedContextDecoderConfig(), "decoder.kind: expected 'attention', .*, got 'fixed_context'"),
        (TransformerDecoderConfig(), "decoder.kind: expected 'attention', .*, got 'transformer'"),
        (AttentionDecoderConfig(order="bahdanau"), "decoder.order: expected 'luong' .*, got 'bahdanau'"),
        (AttentionDecoderConfig(input_feeding=True), "decoder.order: .*, got 'luong' with input feeding"),
    ],
    ids=str,
)
def test_decoders_that_are_not_counted(decoder, message):
    config = CONFIG.with_changes(decoder=decoder)
    with pytest.raises(ConfigError, match=message):
        matrix_products(config, 50, 2, 3, 5)
    with pytest.raises(ConfigError, match=message):
        search_products(config, 50, B=2, S=3, K=4, steps=1)


def test_a_transformer_encoder():
    encoder = TransformerEncoderConfig(units=8, layers=2, heads=2, feedforward_units=12)
    config = CONFIG.with_changes(encoder=encoder)
    products = forward_products(config, 50, 2, 3, 5)
    layer = [
        *[Product(1, 6, 8, 8)] * 3,  # queries, keys, values of 2 · 3 positions
        Product(1, 3, 4, 3, batch=4),  # scores of 2 sentences · 2 heads of 4
        Product(1, 3, 3, 4, batch=4),  # contexts
        Product(1, 6, 8, 8),
        Product(1, 6, 8, 12),
        Product(1, 6, 12, 8),
    ]
    assert products[:17] == [Product(1, 6, 6, 8), *layer, *layer]
    assert products[17:] == forward_products(CONFIG, 50, 2, 3, 5)[4:]
    narrow = config.with_changes(embedding_size=8)
    assert forward_products(narrow, 50, 2, 3, 5)[:8] == layer


def test_a_gradient_is_two_products_of_as_many_operations():
    products = matrix_products(CONFIG, 50, 2, 3, 5)
    forward = forward_products(CONFIG, 50, 2, 3, 5)
    assert products[: len(forward)] == forward
    # The last forward product is the first to go back: logits [10, 6] · [6, 50].
    assert products[len(forward) : len(forward) + 2] == [Product(1, 10, 50, 6), Product(1, 6, 10, 50)]
    # Of the decoder's recurrent product [2, 10] · [10, 40], 5 times, dX is 5 products and dW is one.
    assert Product(5, 2, 40, 10) in products
    assert Product(1, 10, 10, 40) in products
    assert total_flops(products) == 3 * total_flops(forward)


def test_operations():
    assert Product(3, 2, 5, 7, batch=4).flops == 2 * 3 * 4 * 2 * 5 * 7


def test_search_products():
    products = search_products(CONFIG, 50, B=2, S=3, K=4, steps=2)
    assert products[-7:] == [
        Product(1, 8, 6, 40),
        Product(1, 8, 10, 40),
        Product(1, 4, 10, 3, batch=2),
        Product(1, 4, 3, 8, batch=2),
        Product(1, 8, 18, 10),
        Product(1, 8, 10, 6),
        Product(1, 8, 6, 50),
    ]
    assert products[-14:-7] == products[-7:]
    assert products[:-14] == forward_products(CONFIG, 50, 2, 3, 5)[:6]


def test_every_product_is_multiplied():
    products = [Product(7, 2, 3, 4), Product(2, 2, 3, 4), Product(3, 2, 3, 2, batch=5)]
    # What the optimizer of graphs leaves, not what was traced.
    options = tf.compat.v1.RunOptions(output_partition_graphs=True)
    metadata = tf.compat.v1.RunMetadata()
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        result = products_alone(products)()
        session.run(tf.compat.v1.global_variables_initializer())
        session.run(result, options=options, run_metadata=metadata)
    kinds = [node.op for part in metadata.partition_graphs for node in part.node]
    assert sum(kind in {"MatMul", "_MklMatMul"} for kind in kinds) == 9
    assert sum(kind.startswith(("BatchMatMul", "_MklBatchMatMul")) for kind in kinds) == 3


@pytest.mark.slow
@pytest.mark.parametrize("extra", [[], ["--repeats", "0"], ["--preset", "bas"]])
def test_command(tmp_path, extra):
    data = tmp_path / "pairs.tsv"
    lines = (" ".join(random.Random(i).choices("0123456789", k=3 + i % 6)) for i in range(300))
    data.write_text("".join(f"{line}\t{line[::-1]}\n" for line in lines), encoding="utf-8")
    command = [sys.executable, "-m", "benchmarks.training_step", "--preset", "tiny", "--data", str(data)]
    done = subprocess.run(
        [*command, "--steps", "3", "--repeats", "2", *extra], capture_output=True, text=True, timeout=300
    )
    if extra:
        assert done.returncode == 2
        assert "expected" in done.stderr or "did you mean 'base'" in done.stderr
        return
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["steps"] == 3
    assert len(found["ratios"]) == 2
    assert found["ratio"] > 0
    assert "rate of fit / rate of products" in done.stdout
