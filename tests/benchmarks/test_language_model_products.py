from benchmarks.language_model_products import completion_products
from benchmarks.matrix_products import Product
from seqapp.config import RecurrentLanguageModelConfig, TransformerLanguageModelConfig


def test_a_recurrent_model_by_hand():
    """Two prompts of 3 and 1 tokens, BOS included; completions of 1 and 2 tokens."""
    config = RecurrentLanguageModelConfig(cell="gru", units=8, embedding_size=6)
    steps = [
        [Product(1, rows, 6, 24), Product(1, rows, 8, 24), Product(1, rows, 8, 6), Product(1, rows, 6, 50)]
        for rows in (2, 1)
    ]
    read = [Product(1, 4, 6, 24), Product(2, 2, 8, 24)]
    assert completion_products(config, 50, [3, 1], [1, 2]) == [*read, *steps[0], *steps[1]]


def test_no_prompt_and_two_layers():
    config = RecurrentLanguageModelConfig(units=8, embedding_size=8, layers=2)
    layer = [Product(1, 1, 8, 32)] * 2
    assert completion_products(config, 50, [1], [1]) == [*layer, *layer, Product(1, 1, 8, 50)]


def test_self_attention_reads_the_whole_cache_in_a_step():
    config = TransformerLanguageModelConfig(
        units=8, heads=2, layers=1, embedding_size=6, context_tokens=16, tied=False
    )
    projection = [Product(1, 3, 6, 8), Product(1, 3, 8, 24)]
    rest = [Product(1, 3, 8, 8), Product(1, 3, 8, 32), Product(1, 3, 32, 8)]
    cache = [Product(1, 1, 4, 16, 6), Product(1, 1, 16, 4, 6)]
    found = completion_products(config, 50, [1, 1, 1], [1, 1, 1])
    assert found == [*projection, *cache, *rest, Product(1, 3, 8, 50)]
