"""The table of rungs: every model of the ladder, from the simplest to the strongest of each part."""

import json
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

# What is reported beside a rung's weakness: its score beside another rung's, BLEU by source length, its speed
# beside another rung's, or the seconds of the training that it starts from.
Evidence = Literal["score", "length", "speed", "seconds"]

LANGUAGE_MODELS, TRANSLATION, CLASSIFICATION = "language-modelling", "translation", "classification"
SCORES = ("dot", "general", "concat", "additive")


class Rung(NamedTuple):
    """A model of the ladder; its words are in `training.ladder.english` and `training.ladder.korean`.

    Fields:
        name: unique name, also of the run directory.
        task: name of the task, which is the part of the ladder.
        preset: preset of the task that it starts from.
        changes: dotted name of a setting → value, in place of the preset's.
        equation: lines, as in docs/model.md.
        answer: name of the rung that answers its weakness; "" for the last of a part.
        evidence: what is reported beside its weakness.
        other: name of the rung that the evidence is compared with.
        attends: whether it is a translator with attention on the source.
        starts_from: name of the rung whose run gives its first weights; "" for none.
    """

    name: str
    task: str
    preset: str
    changes: Mapping[str, Any]
    equation: tuple[str, ...]
    answer: str
    evidence: Evidence
    other: str
    attends: bool = False
    starts_from: str = ""

    @property
    def has_epochs(self) -> bool:
        """Whether a network is trained."""
        return self.preset != "ngram"

    def assignments(self, more: Mapping[str, Any]) -> list[str]:
        """Return ``NAME=VALUE`` of further settings and then its own changes, for ``--set``."""
        return [f"{name}={json.dumps(value)}" for name, value in {**more, **self.changes}.items()]


_NEXT_TOKEN = "p(t_i | t_<i) = softmax(E W h_i + b)"  # noqa: S105  an equation
_SCORES = {
    "dot": "q · m_s / √H",
    "general": "q · W_a m_s / √H",
    "concat": "v · tanh(W_a [q ; m_s]) / √H",
    "additive": "v · tanh(W q + U m_s) / √H",
}
_WEIGHTS = ("a_ts = softmax_s(e_ts),  c_t = Σ_s a_ts m_s",)


def _language_model(name: str, preset: str, equation: tuple[str, ...], answer: str) -> Rung:
    return Rung(name, LANGUAGE_MODELS, preset, {}, equation, answer, "score", answer)


def _luong(score: str) -> Rung:
    equation = (
        "q = h_t = LSTM(y_{t-1}, h_{t-1})",
        f"e_ts = {_SCORES[score]}",
        *_WEIGHTS,
        "logits_t = W_e tanh(W_c [c_t ; h_t] + b_c) + b",
    )
    # Weights in the score answer the one without; the other order answers the rest.
    answer = "luong-general" if score == "dot" else f"bahdanau-{score}"
    changes = {"model.decoder.score": score, "model.decoder.order": "luong"}
    name = f"luong-{score}"
    return Rung(name, TRANSLATION, "base", changes, equation, answer, "score", answer, attends=True)


def _bahdanau(score: str) -> Rung:
    equation = (
        "q = h_{t-1}",
        f"e_ts = {_SCORES[score]}",
        *_WEIGHTS,
        "h_t = LSTM([y_{t-1} ; c_t], h_{t-1})",
    )
    changes = {"model.decoder.score": score, "model.decoder.order": "bahdanau"}
    name, answer = f"bahdanau-{score}", "self-attention"
    return Rung(name, TRANSLATION, "base", changes, equation, answer, "speed", answer, attends=True)


def _classifier(name: str, pooling: str, equation: tuple[str, ...], answer: str) -> Rung:
    # The network alone: the linear model would hide what the pooling gives.
    changes = {"model.pooling": pooling, "linear": None}
    return Rung(name, CLASSIFICATION, "base", changes, equation, answer, "score", answer)


_CLASSES = "p = softmax(z / T)"
_POOLED = "z = W_o Σ_s a_s m_s + b_o,  a_s = softmax_s(qᵀ tanh(W m_s + b))"

RUNGS: dict[str, Rung] = {
    rung.name: rung
    for rung in (
        _language_model(
            "ngram",
            "ngram",
            ("p(w | h) = (a(hw) - D) / Σ a(h·) + γ(h) p(w | h'),  h: the 4 tokens before w",),
            "simple-rnn",
        ),
        _language_model(
            "simple-rnn", "simple-rnn", ("h_i = tanh(W x_i + U h_{i-1} + b)", _NEXT_TOKEN), "gru"
        ),
        _language_model(
            "gru",
            "gru",
            (
                "z, r = σ(W x_i + U h_{i-1} + b)",
                "h_i = z h_{i-1} + (1 - z) tanh(W x_i + r (U h_{i-1} + b') + b)",
                _NEXT_TOKEN,
            ),
            "causal-self-attention",
        ),
        _language_model(
            "lstm",
            "base",
            (
                "i, f, o = σ(W x_i + U h_{i-1} + b)",
                "c_i = f c_{i-1} + i tanh(W x_i + U h_{i-1} + b),  h_i = o tanh(c_i)",
                _NEXT_TOKEN,
            ),
            "causal-self-attention",
        ),
        Rung(
            "causal-self-attention",
            LANGUAGE_MODELS,
            "transformer",
            {},
            (
                "head = softmax(Q Kᵀ / √d) V,  each token over itself and the tokens before",
                "x = x + MultiHead(norm(x)),  x = x + W_2 relu(W_1 norm(x) + b_1) + b_2",
                _NEXT_TOKEN,
            ),
            "",
            "speed",
            "lstm",
        ),
        Rung(
            "fixed-vector",
            TRANSLATION,
            "base",
            {"model.decoder.kind": "fixed_context", "model.decoder.context_every_step": True},
            (
                "c = [ h→ ; c→ ; h← ; c← ]  of the last source token",
                "h_t = LSTM([y_{t-1} ; c], h_{t-1}),  h_0 = tanh(W_b c + b_b)",
            ),
            "luong-general",
            "length",
            "luong-general",
        ),
        *map(_luong, SCORES),
        *map(_bahdanau, SCORES),
        Rung(
            "self-attention",
            TRANSLATION,
            "transformer",
            {},
            (
                "head = softmax(Q Kᵀ / √d) V",
                "encoder: x = x + MultiHead(norm(x)),  x = x + W_2 relu(W_1 norm(x) + b_1) + b_2",
                "decoder: the same over the target tokens before, and over the encoder's memory",
            ),
            "",
            "score",
            "luong-general",
            attends=True,
        ),
        _classifier(
            "last-state", "last", ("z = W_o [ h→ ; c→ ; h← ; c← ] + b_o", _CLASSES), "attention-pooling"
        ),
        _classifier("attention-pooling", "attention", (_POOLED, _CLASSES), "pretrained"),
        Rung(
            "pretrained",
            CLASSIFICATION,
            "base",
            {"model.pooling": "attention", "linear": None},
            ("m = layers of the language model, trained on texts without labels", _POOLED, _CLASSES),
            "",
            "seconds",
            "causal-self-attention",
            starts_from="causal-self-attention",
        ),
    )
}
