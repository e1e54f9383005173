"""Ranges of the options of a completion, for the model in Python and for the client."""

from seqapp.argument_checks import check_counts, check_number
from seqapp.errors import ConfigError

LARGEST_TEMPERATURE = 100.0
LARGEST_REPETITION_PENALTY = 10.0
_LARGEST_INTEGERS = {"top_k": 2**31 - 1, "seed": 2**63 - 1}


def check_completion_options(
    *,
    max_length: int | None,
    temperature: float,
    top_k: int,
    top_p: float,
    repetition_penalty: float,
    seed: int,
) -> None:
    """Raises `ConfigError` for an option out of its range, or without effect at the temperature.

    None for `max_length` stands for the model's own.
    """
    if max_length is not None:
        check_counts(max_length=max_length)
    check_number("temperature", temperature, 0, LARGEST_TEMPERATURE)
    check_number("top_p", top_p, 0, 1)
    check_number("repetition_penalty", repetition_penalty, 1, LARGEST_REPETITION_PENALTY)
    for name, value in (("top_k", top_k), ("seed", seed)):
        if not isinstance(value, int) or isinstance(value, bool):
            raise ConfigError(f"{name}: expected an integer, got {value!r}")
        check_number(name, value, 0, _LARGEST_INTEGERS[name])
    truncation: tuple[tuple[str, float, tuple[int, ...]], ...] = (
        ("top_k", top_k, (0,)),
        ("top_p", top_p, (0, 1)),
    )
    for name, given, neutral in truncation:
        if temperature == 0 and given not in neutral:
            raise ConfigError(
                f"{name}: expected {neutral[-1]} with temperature 0, which is greedy search, got {given}; "
                "give a temperature above 0 for a sample"
            )
