"""Named variants: a preset and what is changed in it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from seqapp.config import (
    AugmentationConfig,
    TransformerDecoderConfig,
    TransformerEncoderConfig,
    TranslationConfig,
)
from seqapp.errors import ConfigError
from training.settings.changes import Changes, changed
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
        return changed(preset("translation", self.preset), Changes("variant", self.changes))


# Captions are written in one way, so sources are not varied in case and stops.
_CAPTIONS = {
    "subwords.vocabulary_size": 5000,
    "training.augmentation": AugmentationConfig(),
    "training.epochs": 20,
    "training.patience": None,
    "training.subword_sampling": 0.1,
    "training.averaged_epochs": 5,
    "training.average_of": "last",
}
_FIXED_CONTEXT = {**_CAPTIONS, "training.epochs": 15, "training.averaged_epochs": 1}
_WIDE = {
    "model.encoder.units": 384,
    "model.decoder.units": 384,
    "model.encoder.dropout": 0.4,
    "model.decoder.dropout": 0.4,
}


def _self_attention(units: int, layers: int, feedforward_units: int, **training: Any) -> dict[str, Any]:
    """Return the changes of preset `transformer`: both sides of one size, and settings of the training."""
    size = {"units": units, "layers": layers, "feedforward_units": feedforward_units, "dropout": 0.3}
    settings = {"epochs": 28, "batch_tokens": 1024, "learning_rate": 1e-3, "warmup_fraction": 0.1, **training}
    return {
        **_CAPTIONS,
        "model.embedding_size": units,
        "model.encoder": TransformerEncoderConfig(**size),
        "model.decoder": TransformerDecoderConfig(**size),
        **{f"training.{name}": value for name, value in settings.items()},
    }


_SELF_ATTENTION = _self_attention(256, 3, 512)

# One change each, to see what it gives.
_ANY_NETWORK = {
    "no-subword-sampling": {"training.subword_sampling": 0.0},
    "subword-sampling-0.25": {"training.subword_sampling": 0.25},
    "no-label-smoothing": {"training.label_smoothing": 0.0},
    "no-averaging": {"training.averaged_epochs": 1},
    "average-of-best": {"training.average_of": "best"},
    "higher-final-rate": {"training.final_learning_rate": 2e-4},
    "token-dropout": {"training.token_dropout": 0.1},
    "r-drop": {"training.r_drop": 1.0},
    "dropout-0.2": {"model.encoder.dropout": 0.2, "model.decoder.dropout": 0.2},
    "dropout-0.4": {"model.encoder.dropout": 0.4, "model.decoder.dropout": 0.4},
    "vocabulary-2000": {"subwords.vocabulary_size": 2000},
    "vocabulary-8000": {"subwords.vocabulary_size": 8000},
}
_RECURRENT_ONLY = {
    "wide": _WIDE,
    "two-layers": {"model.encoder.layers": 2, "model.decoder.layers": 2},
    "input-feeding": {"model.decoder.input_feeding": True},
    "scheduled-sampling": {"training.scheduled_sampling": 0.25},
}

_ORDERS = {
    "luong": {"model.decoder.order": "luong"},
    "input-feeding": {"model.decoder.order": "luong", "model.decoder.input_feeding": True},
    "bahdanau": {"model.decoder.order": "bahdanau"},
}

VARIANTS: dict[str, Variant] = {
    **{name: Variant(name, {}) for name in PRESETS},
    "fixed-context": Variant("fixed", _FIXED_CONTEXT),
    "fixed-context-reversed": Variant("fixed", {**_FIXED_CONTEXT, "model.reverse_source": True}),
    "recurrent": Variant("base", _CAPTIONS),
    "self-attention": Variant("transformer", _SELF_ATTENTION),
    "self-attention-128": Variant("transformer", _self_attention(128, 4, 256, epochs=40)),
    "self-attention-192-r-drop": Variant(
        "transformer", _self_attention(192, 3, 384, epochs=30, batch_tokens=2048, r_drop=2.0)
    ),
    **{
        f"recurrent+{name}": Variant("base", {**_CAPTIONS, **changes})
        for name, changes in (_ANY_NETWORK | _RECURRENT_ONLY).items()
    },
    **{
        f"self-attention+{name}": Variant("transformer", {**_SELF_ATTENTION, **changes})
        for name, changes in _ANY_NETWORK.items()
    },
    **{
        f"{score}/{order}": Variant(
            "base", {**_CAPTIONS, "training.epochs": 10, **changes, "model.decoder.score": score}
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
