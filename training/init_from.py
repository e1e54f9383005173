"""The task that a training starts with: new, or with vocabulary and weights of an earlier run."""

from collections.abc import Mapping, Sequence
from typing import Any

from seqapp.config import TaskConfig
from seqapp.errors import ConfigError
from seqapp.run_directory import load_run
from seqapp.tasks.base import Task
from seqapp.tasks.registry import task_class
from training.settings.differences import differences

# Settings that decide vocabulary and weights, but for the rates of dropout, which have no weights.
_PARTS = ("subwords", "model")
_RATES = ("dropout", "token_dropout")


def initial_task(config: TaskConfig, examples: Mapping[str, Sequence[str]]) -> Task:
    """The task before its first step.

    Args:
        config: its ``training.init_from`` names a run, or is "" for new weights and a new vocabulary.
        examples: feature → texts that a new vocabulary is learnt from.

    Raises:
        ConfigError: the run holds another task, tokenizer or network.
        DataError: the examples have a label that the run does not have.
        RunDirectoryError: there is no run, or it is damaged.
    """
    run = config.training.init_from
    if not run:
        return task_class(config.task).class_for(config).from_examples(config, examples)
    trained = load_run(run)
    if trained.name != config.task:
        raise ConfigError(
            f"--init-from: {run} holds a {trained.name} model; expected a {config.task} model"
        )
    different = [
        f"{name} is {there!r} there and {here!r} here"
        for part in _PARTS
        for name, there, here in differences(part, _values(trained.config, part), _values(config, part))
        if name.rpartition(".")[2] not in _RATES
    ]
    if different:
        raise ConfigError(
            f"--init-from: {run} has another network or tokenizer: {'; '.join(different)}; give the --preset "
            "that it was trained with"
        )
    return trained.continued(config, examples)


def _values(config: TaskConfig, part: str) -> Any:
    settings = getattr(config, part, None)
    return None if settings is None else settings.model_dump(mode="json")
