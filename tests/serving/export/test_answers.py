from serving.export.answers import same_answer, without_padding


def test_numbers_are_compared_up_to_the_tolerance():
    assert same_answer(-0.5, -0.5004)
    assert not same_answer(-0.5, -0.502)
    assert same_answer(-1000.0, -1000.5)
    assert not same_answer(-0.5, float("nan"))


def test_all_else_exactly():
    assert same_answer([b"a", 3, True], [b"a", 3, True])
    assert not same_answer([b"a"], [b"b"])
    assert not same_answer([3], [4])
    assert not same_answer([0.5], [0.5, 0.5])
    assert not same_answer([0.5], 0.5)


def test_padding_goes_from_the_end_of_every_axis():
    assert without_padding([b"a", b"", b"b", b"", b""]) == [b"a", b"", b"b"]
    assert without_padding([[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]) == [[0.0, 1.0]]
    assert without_padding(b"") == b""
