import json

import pytest
import tensorflow as tf

from benchmarks import recurrent_layers
from benchmarks.recurrent_layers import Sizes, pass_of


def test_command(capsys):
    sizes = ["--batch", "2", "--steps", "3", "--units", "4", "--repeats", "2", "--masked"]
    assert recurrent_layers.main(["--cells", "gru", *sizes]) == 0
    *printed, last = capsys.readouterr().out.splitlines()
    found = json.loads(last)
    assert printed[0] == "2 x 3 tokens, units 4, masked"
    assert set(found["passes"]) == {"gru forward", "gru training"}
    for one in found["passes"].values():
        assert set(one) == {"keras_ms", "seqapp_ms", "ratio"}
        assert min(one.values()) > 0


@pytest.mark.parametrize("cell", recurrent_layers.CELLS)
def test_both_layers_of_each_cell(cell):
    found = recurrent_layers.layers(cell, 4)
    assert isinstance(found["seqapp"], type(found["keras"]))
    assert type(found["seqapp"]).__module__.startswith("seqapp.")


def test_a_pass():
    layer = recurrent_layers.layers("simple_rnn", 4)["keras"]
    assert [one.shape for one in pass_of(layer, Sizes(2, 3, 4), training=False)()] == [(2, 3, 4)]
    gradients = pass_of(layer, Sizes(2, 3, 4), training=True)()
    assert [one.shape for one in gradients] == [(2, 3, 4), *[tuple(w.shape) for w in layer.weights]]
    assert tf.reduce_max(tf.abs(gradients[-1])) > 0


@pytest.mark.parametrize("value", ["0", "-1", "x"])
def test_a_size_out_of_range(value, capsys):
    with pytest.raises(SystemExit):
        recurrent_layers.main(["--units", value])
    printed = capsys.readouterr().err
    assert f"argument --units: expected a whole number of at least 1, got '{value}'" in printed
