"""How long the ladder trains, and how large its models are."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from seqapp.errors import ConfigError
from training.ladder.rungs import CLASSIFICATION, LANGUAGE_MODELS, RUNGS, TRANSLATION, Rung

Settings = Mapping[str, Any]


@dataclass(frozen=True)
class LadderPreset:
    """Length and sizes of the ladder.

    Attributes:
        minutes: length of all trainings on two cores, scoring included.
        around_training: minutes of a training before its first and after its last step.
        shares: task → training time of one of its networks, relative to the other tasks.
        rungs: names of the rungs that are trained.
        of_task: task → settings of all its rungs with a network.
        of_preset: (task, preset of the rung) → further settings.
    """

    minutes: float
    around_training: float
    shares: Mapping[str, float]
    rungs: tuple[str, ...]
    of_task: Mapping[str, Settings] = field(default_factory=dict)
    of_preset: Mapping[tuple[str, str], Settings] = field(default_factory=dict)

    def settings(self, rung: Rung) -> dict[str, Any]:
        """Return the settings that this preset gives to a rung."""
        given = self.of_task.get(rung.task, {}) if rung.has_epochs else {}
        given = {**given, **self.of_preset.get((rung.task, rung.preset), {})}
        if rung.starts_from:  # the language model decides the network
            given = {name: value for name, value in given.items() if name.startswith("training.")}
        return given


# All rungs use the whole time; the best epoch is kept.
_LENGTH = {"training.epochs": 30, "training.patience": None}
# Test rows are plain sentences, so sources are not varied.
_PLAIN = {
    f"training.augmentation.{name}": 0.0
    for name in ("upper_case", "lower_case", "title_case", "without_final_stop", "joined")
}


def _recurrent_translator(units: int, learning_rate: float) -> dict[str, Any]:
    sides = {
        f"model.{side}.{name}": value
        for side in ("encoder", "decoder")
        for name, value in {"units": units, "dropout": 0.1}.items()
    }
    return {"model.embedding_size": units, "training.learning_rate": learning_rate, **sides}


def _transformer_translator(units: int, layers: int) -> dict[str, Any]:
    sides = {
        f"model.{side}.{name}": value
        for side in ("encoder", "decoder")
        for name, value in {"units": units, "layers": layers, "heads": 4, "dropout": 0.1}.items()
    }
    return {"model.embedding_size": units, "training.learning_rate": 2e-3, **sides}


def _language_models(
    embedding: int, units: int, layers: int, dropout: float
) -> dict[tuple[str, str], Settings]:
    """Return the sizes of language models: `units` of recurrent layers, `layers` of self-attention."""
    recurrent = {"model.embedding_size": embedding, "model.units": units, "model.dropout": dropout}
    gated = {**recurrent, "training.learning_rate": 3e-3}
    attention = {"model.embedding_size": embedding, "model.units": embedding, "model.layers": layers}
    return {
        (LANGUAGE_MODELS, "simple-rnn"): recurrent,
        **{(LANGUAGE_MODELS, name): gated for name in ("gru", "base")},
        (LANGUAGE_MODELS, "transformer"): {**attention, "training.learning_rate": 2e-3},
    }


def _of_task(validation: int, beam: int, **shared: Any) -> dict[str, Settings]:
    length = {**_LENGTH, **{name.replace("__", "."): value for name, value in shared.items()}}
    return {
        LANGUAGE_MODELS: length,
        TRANSLATION: {
            **length,
            **_PLAIN,
            "training.validation_sentences": validation,
            "search.beam_width": beam,
        },
        CLASSIFICATION: length,
    }


PRESETS: dict[str, LadderPreset] = {
    "tiny": LadderPreset(
        minutes=4.0,
        around_training=0.2,
        shares={LANGUAGE_MODELS: 1, TRANSLATION: 1, CLASSIFICATION: 1},
        rungs=("ngram", "lstm", "fixed-vector", "luong-general", "bahdanau-general"),
        of_task=_of_task(20, 1, training__epochs=2, training__min_steps=0, subwords__vocabulary_size=400),
        of_preset={
            **_language_models(16, 16, 1, 0.1),
            (LANGUAGE_MODELS, "ngram"): {"subwords.vocabulary_size": 400},
            (TRANSLATION, "base"): _recurrent_translator(16, 4e-3),
        },
    ),
    # One rung of each kind: less than three minutes do not teach a translator.
    "quick": LadderPreset(
        minutes=10.0,
        around_training=0.7,
        shares={LANGUAGE_MODELS: 2, TRANSLATION: 3, CLASSIFICATION: 1},
        rungs=(
            "ngram",
            "gru",
            "causal-self-attention",
            "fixed-vector",
            "luong-general",
            "self-attention",
            "last-state",
            "attention-pooling",
        ),
        of_task=_of_task(100, 1, training__min_steps=0),
        of_preset={
            **_language_models(128, 256, 2, 0.1),
            (TRANSLATION, "base"): _recurrent_translator(128, 4e-3),
            (TRANSLATION, "transformer"): _transformer_translator(128, 2),
        },
    ),
    "base": LadderPreset(
        minutes=60.0,
        around_training=1.2,
        shares={LANGUAGE_MODELS: 9, TRANSLATION: 5, CLASSIFICATION: 3},
        rungs=tuple(RUNGS),
        of_task=_of_task(250, 4, training__min_steps=0),
        of_preset={
            **_language_models(128, 256, 3, 0.3),
            (TRANSLATION, "base"): _recurrent_translator(128, 4e-3),
            (TRANSLATION, "transformer"): _transformer_translator(128, 3),
        },
    ),
}


def ladder_preset(name: str) -> LadderPreset:
    """Return the preset. Raises `ConfigError` with the nearest name."""
    if name not in PRESETS:
        near = difflib.get_close_matches(name, PRESETS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(PRESETS)}"
        raise ConfigError(f"--preset: {name!r} is not a preset of the ladder; {hint}")
    return PRESETS[name]
