import pytest

from seqapp.config import SearchConfig
from seqapp.errors import ConfigError
from training.settings.flat import flatten, nest, sections_of


def test_nested_values_by_dotted_names_and_back():
    nested = {"a": 1, "b": {"c": {"d": [2]}, "e": None}}
    flat = {"a": 1, "b.c.d": [2], "b.e": None}
    assert flatten(nested) == flat
    assert nest(flat) == nested


def test_configurations_and_dotted_keys_are_flattened_too():
    assert flatten({"search": SearchConfig(beam_width=2)})["search.beam_width"] == 2
    assert flatten({"a": {}, "b.c": {"d": 1}}) == {"b.c.d": 1}


@pytest.mark.parametrize("flat", [{"a": 1, "a.b": 2}, {"a.b": 2, "a": 1}])
def test_a_section_is_no_value(flat):
    with pytest.raises(ConfigError, match="either a value or settings inside"):
        nest(flat)


def test_sections():
    assert sections_of(["a.b.c", "d"]) == {"a", "a.b"}
