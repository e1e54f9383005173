"""TensorProtos by the C++ rules."""

import tracemalloc

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tensorflow.core.framework import tensor_pb2, types_pb2

from serving.server.inference.tensor_proto import decode, encode
from serving.server.status import ServingError


def proto(dtype, shape, **fields):
    message = tensor_pb2.TensorProto(dtype=dtype, **fields)
    for size in shape:
        message.tensor_shape.dim.add().size = size
    return message


@pytest.mark.parametrize(
    ("message", "values"),
    [
        (proto(types_pb2.DT_FLOAT, [4], float_val=[1, 2]), [1, 2, 2, 2]),
        (proto(types_pb2.DT_FLOAT, [3]), [0, 0, 0]),
        (proto(types_pb2.DT_INT32, [2], int_val=[1, 2, 3, 4]), [1, 2]),
        (proto(types_pb2.DT_UINT8, [2], int_val=[256, -1]), [0, 255]),
        (proto(types_pb2.DT_INT8, [1], int_val=[200]), [-56]),
        (proto(types_pb2.DT_STRING, [3], string_val=[b"a"]), [b"a", b"a", b"a"]),
        (proto(types_pb2.DT_STRING, [2]), [b"", b""]),
        (proto(types_pb2.DT_HALF, [2], half_val=[0x3C00]), [1.0, 1.0]),
        (proto(types_pb2.DT_COMPLEX64, [2], scomplex_val=[1, 2]), [1 + 2j, 1 + 2j]),
        (proto(types_pb2.DT_STRING, [2], tensor_content=b"\x01\x02abb"), [b"a", b"bb"]),
        (proto(types_pb2.DT_INT32, [2], tensor_content=b"\1\0\0\0\2\0\0\0"), [1, 2]),
    ],
)
def test_few_many_and_raw_values(message, values):
    assert decode(message).tolist() == values


@pytest.mark.parametrize(
    "message",
    [
        proto(types_pb2.DT_INVALID, [1]),
        proto(types_pb2.DT_FLOAT, [-1]),
        proto(types_pb2.DT_FLOAT, [2], tensor_content=b"abc"),
        proto(types_pb2.DT_STRING, [2], tensor_content=b"\x01\x05ab"),
        proto(types_pb2.DT_STRING, [1], tensor_content=b"\xff"),
        proto(types_pb2.DT_FLOAT, [2**62, 2**62]),
        proto(types_pb2.DT_FLOAT, [2**45]),
        proto(types_pb2.DT_FLOAT, [2**62, 0]),
        proto(types_pb2.DT_FLOAT, [2**30], float_val=[1]),
        proto(types_pb2.DT_STRING, [2**45], tensor_content=b"\x01a"),
        proto(types_pb2.DT_STRING, [2**28], tensor_content=b"\0"),
        proto(types_pb2.DT_STRING, [2**28], tensor_content=b"\0" * 1000),
        proto(types_pb2.DT_FLOAT, [2**28], tensor_content=b"\0" * 1000),
        proto(types_pb2.DT_FLOAT, [2**19], float_val=[1]),
        proto(types_pb2.DT_INT8, [2**21]),
        proto(types_pb2.DT_COMPLEX64, [2**18], scomplex_val=[1, 2]),
        proto(types_pb2.DT_STRING, [100_000], string_val=[b"a"]),
        proto(types_pb2.DT_STRING, [2000], string_val=[b"a" * 1000]),
        proto(types_pb2.DT_STRING, [1, 2**21], string_val=[b"a"]),
        proto(types_pb2.DT_FLOAT, [2**40, 0]),
        proto(types_pb2.DT_STRING, [0, 2**40]),
        proto(types_pb2.DT_FLOAT, [1] * 300, float_val=[1]),
    ],
)
def test_unreadable_tensors_are_refused(message):
    """And before memory is taken for the values that they claim."""
    tracemalloc.start()
    with pytest.raises(ServingError, match="cannot read a tensor"):
        decode(message)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 2**20


@pytest.mark.parametrize(
    "message",
    [
        proto(types_pb2.DT_FLOAT, [1, 224, 224, 3], float_val=[1]),
        proto(types_pb2.DT_STRING, [10_000], string_val=[b"a"]),
        proto(types_pb2.DT_FLOAT, [500_000], float_val=[1.0] * 300_000),
        proto(types_pb2.DT_FLOAT, [0, 512]),
    ],
)
def test_the_last_value_fills_a_mebibyte_or_what_the_message_could_hold(message):
    assert decode(message).shape == tuple(dim.size for dim in message.tensor_shape.dim)


def test_a_refused_filling_is_told_with_the_remedy():
    with pytest.raises(ServingError, match=r"1 of 33000000 values are in the message.*send all values"):
        decode(proto(types_pb2.DT_STRING, [33_000_000], string_val=[b"a"]))


def test_more_strings_than_rows_may_be_are_refused_in_a_matrix():
    many = proto(types_pb2.DT_STRING, [2, 2**20], tensor_content=b"\0" * 2**21)
    with pytest.raises(ServingError, match="more than 1048576 strings"):
        decode(many)


def test_values_survive_in_several_pieces():
    numbers = np.arange(200_000, dtype=np.int64)
    assert np.array_equal(decode(encode(numbers, types_pb2.DT_INT64)), numbers)
    texts = np.array([b"%d" % number for number in range(70_000)], object)
    assert np.array_equal(decode(encode(texts, types_pb2.DT_STRING)), texts)


_DTYPES = [
    "float32",
    "float64",
    "int32",
    "int8",
    "uint8",
    "uint16",
    "int64",
    "uint32",
    "uint64",
    "bool",
    "float16",
    "complex64",
    "complex128",
]


@given(st.data(), st.sampled_from(_DTYPES), st.booleans())
def test_arrays_survive_and_tensorflow_reads_them(data, dtype, as_content):
    array = data.draw(hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_side=3, min_side=0)))
    message = encode(array, tf.as_dtype(dtype).as_datatype_enum, as_content=as_content)
    assert np.array_equal(decode(message), array, equal_nan=array.dtype.kind in "fc")
    parsed = tf.io.parse_tensor(message.SerializeToString(), tf.as_dtype(dtype)).numpy()
    assert np.array_equal(parsed, array, equal_nan=array.dtype.kind in "fc")


def test_an_infinite_imaginary_part_stands_alone():
    found = decode(proto(types_pb2.DT_COMPLEX64, [1], scomplex_val=[0, float("inf")]))
    assert (found[0].real, found[0].imag) == (0, float("inf"))


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_texts_survive_as_fields_and_as_tensorflow_s_raw_content(values):
    array = np.empty(len(values), object)
    array[:] = values
    assert decode(encode(array, types_pb2.DT_STRING)).tolist() == values
    raw = tensor_pb2.TensorProto.FromString(tf.io.serialize_tensor(tf.constant(values, tf.string)).numpy())
    assert decode(raw).tolist() == values
    content = encode(array, types_pb2.DT_STRING, as_content=True)
    assert (bool(content.tensor_content), len(content.string_val)) == (bool(values), 0)
    assert decode(content).tolist() == values
    parsed = tf.io.parse_tensor(content.SerializeToString(), tf.string).numpy()
    assert parsed.tolist() == values


def test_bfloat16():
    array = np.array([1.5, -2], tf.bfloat16.as_numpy_dtype)
    assert decode(encode(array, types_pb2.DT_BFLOAT16)).tolist() == [1.5, -2.0]
