"""Named variants: a preset and what is changed in it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from benchmarks.quality.changes import changed
from seqapp.config import (
    AttentionDecoderConfig,
    AugmentationConfig,
    FixedContextDecoderConfig,
    RecurrentEncoderConfig,
    TransformerDecoderConfig,
    TransformerEncoderConfig,
    TranslationConfig,
)
from seqapp.errors import ConfigError
from training.tasks.registry import preset
from training.tasks.translation.presets import PRESETS


class Variant(NamedTuple):
    """A preset and its changes.

    Fields:
        preset: name of the preset.
        changes: dotted name → value.
    """

    preset: str
    changes: Mapping[str, Any]

    def config(self) -> TranslationConfig:
        """Return the configuration. Raises `ConfigError`."""
        return changed(preset("translation", self.preset), self.changes)


# Captions are written in one way, so sources are not varied in case and stops.
_PLAIN = {"training.augmentation": AugmentationConfig(), "training.epochs": 20}

_SINGLE = {
    "averaging": {
        "training.averaged_epochs": 5,
        "training.average_of": "last",
        "training.final_learning_rate": 2e-4,
    },
    "averaging-best": {"training.averaged_epochs": 5, "training.final_learning_rate": 2e-4},
    "subword-sampling": {"training.subword_sampling": 0.1},
    "subword-sampling-0.25": {"training.subword_sampling": 0.25},
    "token-dropout": {"training.token_dropout": 0.1},
    "r-drop": {"training.r_drop": 1.0},
    "r-drop-3": {"training.r_drop": 3.0},
    "scheduled-sampling": {"training.scheduled_sampling": 0.25},
    "no-label-smoothing": {"training.label_smoothing": 0.0},
    "label-smoothing-0.2": {"training.label_smoothing": 0.2},
    "dropout-0.2": {"model.encoder.dropout": 0.2, "model.decoder.dropout": 0.2},
    "dropout-0.4": {"model.encoder.dropout": 0.4, "model.decoder.dropout": 0.4},
    "vocabulary-2000": {"subwords.vocabulary_size": 2000},
    "vocabulary-8000": {"subwords.vocabulary_size": 8000},
    "wide": {"model.encoder.units": 512, "model.decoder.units": 512},
    "two-layers": {"model.encoder.layers": 2, "model.decoder.layers": 2},
}

# Regularisation for longer trainings.
_REGULARISED = {
    "training.augmentation": AugmentationConfig(),
    "training.averaged_epochs": 5,
    "training.average_of": "last",
    "training.final_learning_rate": 1e-4,
    "training.subword_sampling": 0.1,
    "training.r_drop": 1.0,
}
_RECURRENT = {
    **_REGULARISED,
    "training.epochs": 24,
    "model.encoder": RecurrentEncoderConfig(units=384, dropout=0.4),
    "model.decoder": AttentionDecoderConfig(units=384, dropout=0.4),
}
_TINY_TRANSFORMER = {
    "subwords.vocabulary_size": 8000,
    "model.embedding_size": 128,
    "model.encoder": TransformerEncoderConfig(units=128, layers=4, feedforward_units=256, dropout=0.3),
    "model.decoder": TransformerDecoderConfig(units=128, layers=4, feedforward_units=256, dropout=0.3),
    "training.augmentation": AugmentationConfig(),
    "training.epochs": 60,
    "training.batch_tokens": 2048,
    "training.learning_rate": 3e-3,
    "training.final_learning_rate": 2e-4,
    "training.warmup_fraction": 0.1,
    "training.averaged_epochs": 10,
    "training.average_of": "last",
}
_TRANSFORMER = {
    **_REGULARISED,
    "model.encoder": TransformerEncoderConfig(layers=4, feedforward_units=512, dropout=0.3),
    "model.decoder": TransformerDecoderConfig(layers=4, feedforward_units=512, dropout=0.3),
    "training.epochs": 24,
    "training.batch_tokens": 1024,
    "training.learning_rate": 1.5e-3,
    "training.warmup_fraction": 0.1,
}
_FIXED = {
    "training.augmentation": AugmentationConfig(),
    "training.epochs": 20,
    "training.averaged_epochs": 5,
    "training.average_of": "last",
    "training.final_learning_rate": 1e-4,
    "training.token_dropout": 0.1,
    "model.reverse_source": True,
    "model.encoder": RecurrentEncoderConfig(units=512, dropout=0.4),
    "model.decoder": FixedContextDecoderConfig(units=512, context_every_step=True, dropout=0.4),
}

_ORDERS = {
    "luong": {"model.decoder.order": "luong"},
    "input-feeding": {"model.decoder.order": "luong", "model.decoder.input_feeding": True},
    "bahdanau": {"model.decoder.order": "bahdanau"},
}

VARIANTS: dict[str, Variant] = {
    **{name: Variant(name, {}) for name in PRESETS},
    "plain": Variant("base", _PLAIN),
    **{f"plain+{name}": Variant("base", {**_PLAIN, **changes}) for name, changes in _SINGLE.items()},
    "recurrent": Variant("base", _RECURRENT),
    "recurrent-long": Variant("base", {**_RECURRENT, "training.epochs": 36}),
    "recurrent-feeding": Variant("base", {**_RECURRENT, "model.decoder.input_feeding": True}),
    "self-attention-tiny": Variant("transformer", _TINY_TRANSFORMER),
    "self-attention-tiny-sampled": Variant(
        "transformer", {**_TINY_TRANSFORMER, "training.subword_sampling": 0.1}
    ),
    "self-attention-tiny-r-drop": Variant(
        "transformer", {**_TINY_TRANSFORMER, "training.r_drop": 3.0, "training.epochs": 36}
    ),
    "self-attention": Variant("transformer", _TRANSFORMER),
    "fixed-context": Variant("fixed", _FIXED),
    "fixed-context-gru": Variant(
        "fixed", {**_FIXED, "model.encoder.cell": "gru", "model.decoder.cell": "gru"}
    ),
    **{
        f"{score}/{order}": Variant(
            "base", {**_PLAIN, "training.epochs": 10, **changes, "model.decoder.score": score}
        )
        for score in ("dot", "general", "concat", "additive")
        for order, changes in _ORDERS.items()
    },
}


def variant(name: str) -> Variant:
    """Return the variant. Raises `ConfigError` with all names."""
    if name not in VARIANTS:
        raise ConfigError(f"--variant: {name!r} is not a variant; expected one of {', '.join(VARIANTS)}")
    return VARIANTS[name]
