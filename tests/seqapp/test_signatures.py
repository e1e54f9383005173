import json

import pytest

from seqapp.signatures import (
    CLASSIFY,
    Input,
    Output,
    Signature,
    bound_signatures,
    declared_signatures,
    sample_columns,
    signature,
)

TEXT = {"text": Input("string", "the text", feature="words")}
LENGTH = {"length": Output("int32", "B", "its length")}


class Base:
    @signature("other", TEXT, LENGTH, answer="length", method=CLASSIFY)
    def other(self, text):
        return {"length": self.factor * len(text)}

    @signature("serving_default", TEXT, LENGTH, answer="length")
    def ask(self, text):
        return {"length": len(text)}

    def helper(self):
        return None


class Derived(Base):
    factor = 3

    @signature("third", TEXT, LENGTH, answer="length")
    def third(self, text):
        return {}

    @signature("other", TEXT, {"size": Output("float32", "B, T", "of it")}, answer="size")
    def other(self, text):
        return {"size": float(self.factor)}


def test_the_default_comes_first_and_an_overridden_one_counts_once():
    assert [one.name for one in declared_signatures(Base)] == ["serving_default", "other"]
    found = declared_signatures(Derived)
    assert [one.name for one in found] == ["serving_default", "other", "third"]
    assert found[1].answer == "size"
    assert [one.method for one in declared_signatures(Base)] == ["tensorflow/serving/predict", CLASSIFY]
    assert all(one.function is None for one in found)


def test_bound_to_an_object_they_call_its_own_methods():
    found = {one.name: one for one in bound_signatures(Derived())}
    assert found["serving_default"].function("abc") == {"length": 3}
    assert found["other"].function("abc") == {"size": 3.0}


def test_a_declaration_goes_through_json():
    options = {"seed": Input("int64", "random seed", default=0, samples=(0, 1)), **TEXT}
    declared = Signature("any", options, LENGTH, "length", CLASSIFY)
    values = json.loads(json.dumps(declared.as_json()))
    assert Signature.from_json("any", values) == declared
    assert list(values["inputs"]) == ["seed", "text"]
    for wrong in ({"inputs": {}}, [], {**values, "inputs": {"seed": {"dtype": 7}}}):
        with pytest.raises(ValueError, match=r"declaration|validation error"):
            Signature.from_json("any", wrong)
    # Exports of 0.1 call a default ``neutral``.
    values["inputs"]["seed"]["neutral"] = values["inputs"]["seed"].pop("default")
    assert Signature.from_json("any", values) == declared


def test_samples_show_every_option_at_work():
    inputs = {
        **TEXT,
        "temperature": Input("float32", "", default=0.0, samples=(0.0, 0.7)),
        "penalty": Input("float32", "", default=-1.0),
    }
    assert sample_columns(inputs, {"words": [b"a", b"b", b"c"], "unused": [b"", b"", b""]}) == {
        "text": [b"a", b"b", b"c"],
        "temperature": [0.0, 0.7, 0.0],
        "penalty": [-1.0, -1.0, -1.0],
    }


def test_a_feature_that_is_not_there():
    with pytest.raises(KeyError, match="words"):
        sample_columns(TEXT, {"text": [b"a"]})


def test_an_output_is_shown_with_its_shape():
    assert str(Output("float32", "B, T, S", "")) == "float32[B, T, S]"
