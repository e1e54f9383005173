"""Files of batching parameters."""

import pytest

from serving.server.batching.parameters import BatchingParameters, read_batching_file
from serving.server.status import ServingError


def test_parameters_are_read(tmp_path):
    file = tmp_path / "batching.txt"
    file.write_text(
        "max_batch_size { value: 32 } batch_timeout_micros { value: 2000 }\n"
        "max_enqueued_batches { value: 64 } num_batch_threads { value: 2 }\n"
        "allowed_batch_sizes: 8 allowed_batch_sizes: 32 pad_variable_length_inputs: true\n"
    )
    read = read_batching_file(str(file))
    assert read == BatchingParameters(32, 0.002, 64, 2, (8, 32), True)
    file.write_text(
        "enable_large_batch_splitting { value: true } max_execution_batch_size { value: 4 }"
        ' allowed_batch_sizes: [2, 4] thread_pool_name { value: "batch" }'
    )
    read = read_batching_file(str(file))
    assert read == BatchingParameters(
        split_large=True, max_execution_batch_size=4, allowed_batch_sizes=(2, 4)
    )
    file.write_text("")
    assert read_batching_file(str(file)) == BatchingParameters(1000, 0.0, 10, 0, (), False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("max_batch_size { value: 0 }", "must be positive"),
        ("allowed_batch_sizes: 2 allowed_batch_sizes: 1", "monotonically increasing"),
        ("max_batch_size { value: 4 } allowed_batch_sizes: 2", "must match max_batch_size"),
        ("nonsense: 1", "Invalid protobuf file"),
    ],
)
def test_parameters_that_contradict_themselves(tmp_path, text, message):
    file = tmp_path / "batching.txt"
    file.write_text(text)
    with pytest.raises(ServingError, match=message):
        read_batching_file(str(file))
