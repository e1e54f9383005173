"""The training of a model that has no epochs."""

import time
from collections.abc import Sequence

from seqapp.config import TaskConfig
from seqapp.run_directory import save_assets, save_best
from training.data.shards.stored_rows import sample_of
from training.data.splits import Row
from training.epochs import Means
from training.event_files import EventFiles
from training.tasks.recipe import Recipe
from training.workers.workers import RankZero


def fit_without_epochs(
    recipe: Recipe, rows: Sequence[Row], valid_rows: Sequence[Row], means: Means
) -> float:
    """Fit the model at once, and write it into the run; return the seconds since the training began.

    Raises:
        DataError: there are no rows.
    """
    means.workers.begin(None)  # the others have nothing to train
    if ignored := given_without_effect(recipe.task.config, means):
        note = f"note: the model has no epochs, so these have no effect: {', '.join(ignored)}"
        means.console.print(note, highlight=False, soft_wrap=True)
    batches = recipe.make_batches(rows, training=False)
    means.console.print(recipe.summary(batches), highlight=False, soft_wrap=True)
    recipe.prepare(sample_of(rows), valid_rows, means.console)
    save_assets(means.run, recipe.task)
    save_best(means.run, recipe.task)
    return time.monotonic() - means.began


def given_without_effect(config: TaskConfig, means: Means) -> list[str]:
    """Return the names of changed settings and of given options that have no effect without epochs."""
    plain = type(config.training)()
    settings = [
        f"training.{name}"
        for name, value in config.training
        if f"training.{name}" in config.without_effect and value != getattr(plain, name)
    ]
    options = {
        "--tensorboard": any(isinstance(one, EventFiles) for one in means.callbacks),
        "--checkpoint-minutes": means.checkpoint_minutes != Means._field_defaults["checkpoint_minutes"],
        "--workers": isinstance(means.workers, RankZero),
    }
    return settings + [name for name, given in options.items() if given]
