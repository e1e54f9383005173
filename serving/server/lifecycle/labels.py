"""Whether the labels of a configuration may be given."""

from __future__ import annotations

from serving.server.lifecycle.config import ModelConfig
from serving.server.lifecycle.served_model import ServedModel
from serving.server.status import failed_precondition


def check_labels(config: ModelConfig, served: ServedModel | None, *, unavailable_allowed: bool) -> None:
    """Refuses labels for versions that are not AVAILABLE.

    Args:
        config: the new configuration of a model.
        served: the model as it is now; None if it is new.
        unavailable_allowed: lets labels point at versions that are not there; a label in use may
            still not move to one.

    Raises:
        ServingError: FAILED_PRECONDITION.
    """
    held = served.config.labels if served is not None and served.config is not None else {}
    for label, number in config.labels.items():
        ready = served is not None and served.is_available(number)
        if ready or (unavailable_allowed and held.get(label, number) == number):
            continue
        raise failed_precondition(
            f"Request to assign label to version {number} of model {config.name},"
            " which is not currently available for inference"
        )
