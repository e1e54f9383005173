"""The training of a model that has no epochs."""

import time
from collections.abc import Sequence

from seqapp.run_directory import save_assets, save_best
from training.data.shards.stored_rows import sample_of
from training.data.splits import Row
from training.epochs import Means
from training.tasks.recipe import Recipe


def fit_without_epochs(
    recipe: Recipe, rows: Sequence[Row], valid_rows: Sequence[Row], means: Means
) -> float:
    """Fit the model at once, and write it into the run; return the seconds since the training began.

    Raises:
        DataError: there are no rows.
    """
    means.workers.begin(None)  # the others have nothing to train
    batches = recipe.make_batches(rows, training=False)
    means.console.print(recipe.summary(batches), highlight=False, soft_wrap=True)
    recipe.prepare(sample_of(rows), valid_rows, means.console)
    save_assets(means.run, recipe.task)
    save_best(means.run, recipe.task)
    return time.monotonic() - means.began
