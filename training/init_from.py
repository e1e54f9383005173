"""The task that a training starts with: new, or with vocabulary and weights of an earlier run."""

from collections.abc import Mapping, Sequence
from typing import Any

from seqapp.config import TaskConfig
from seqapp.errors import ConfigError
from seqapp.run_directory import load_run, read_config
from seqapp.tasks.base import Task
from seqapp.tasks.registry import task_class
from training.pretrained_settings import check_pretrained, pretrained_settings
from training.settings.differences import differences
from training.tasks.registry import chapter_of

# Settings that decide vocabulary and weights, but for the rates, which have no weights.
_PARTS = ("subwords", "model")
_RATES = ("dropout", "token_dropout", "mask_rate")


def initial_task(config: TaskConfig, examples: Mapping[str, Sequence[str]]) -> Task:
    """The task before its first step.

    Args:
        config: its ``training.init_from`` names a run, or is "" for new weights and a new vocabulary.
        examples: feature → texts that a new vocabulary is learnt from.

    Raises:
        ConfigError: the run holds another tokenizer or network, or a task that training cannot start from.
        DataError: the examples have a label that the run does not have.
        RunDirectoryError: there is no run, or it is damaged.
    """
    run = config.training.init_from
    if not run:
        return task_class(config.task).class_for(config).from_examples(config, examples)
    if read_config(run)["task"] != config.task:
        check_pretrained(config, run, pretrained_settings(config.task, run))
        return chapter_of(config.task).pretrained_task(config, examples, load_run(run))
    trained = load_run(run)
    _check_same_network(run, trained.config, config)
    return trained.continued(config, examples)


def _check_same_network(run: str, there: TaskConfig, here: TaskConfig) -> None:
    """Raise `ConfigError` unless both configurations have weights of the same shapes and meaning."""
    kinds = [getattr(getattr(one, "model", None), "kind", None) for one in (there, here)]
    if kinds[0] != kinds[1]:
        raise ConfigError(
            f"--init-from: {run} holds a model of kind {kinds[0]!r}; expected {kinds[1]!r}, the model.kind "
            "of this training"
        )
    # Without a network only the vocabulary is taken.
    parts = _PARTS if getattr(here, "has_network", True) else _PARTS[:1]
    different = [
        f"{name} is {old!r} there and {new!r} here"
        for part in parts
        for name, old, new in differences(part, _values(there, part), _values(here, part))
        if name.rpartition(".")[2] not in _RATES
    ]
    if different:
        raise ConfigError(
            f"--init-from: {run} has another network or tokenizer: {'; '.join(different)}; give the --preset "
            "that it was trained with"
        )


def _values(config: TaskConfig, part: str) -> Any:
    settings = getattr(config, part, None)
    return None if settings is None else settings.model_dump(mode="json")
