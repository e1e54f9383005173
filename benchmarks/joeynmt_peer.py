"""JoeyNMT as a peer of our training step, in a process of another environment."""

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.interleaved_rounds import Spent
from seqapp.config import TranslationConfig
from seqapp.errors import DataError

INSTALL = "PYTHON -m pip install joeynmt==2.3.0 'sentencepiece<0.2' 'setuptools<81' importlib_metadata"
_WORKER = Path(__file__).with_name("joeynmt_worker.py")


class IdBatch(NamedTuple):
    """Ids of one batch, padded on the right: source int32 [B, S], target int32 [B, T] with EOS."""

    source: np.ndarray
    target: np.ndarray


class JoeyNMT:
    """A running JoeyNMT model.

    Args:
        process: the worker, which has been started.
    """

    def __init__(self, process: subprocess.Popen) -> None:
        self._process = process
        self.parameters: int = self._reply()["parameters"]

    def train_round(self) -> Spent:
        """Time of one step on each batch. Raises `DataError`."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        reply = self._reply()
        return Spent(reply["seconds"], reply["cpu_seconds"])

    def _reply(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):
                return json.loads(line)
        python, status = self._process.args[0], self._process.wait()
        raise DataError(
            f"joeynmt: expected the interpreter of an environment with JoeyNMT, made with: {INSTALL}; "
            f"{python} ended with status {status}"
        )


def joeynmt_network(config: TranslationConfig) -> dict[str, Any]:
    """JoeyNMT's ``model`` section with the layers of a recurrent or transformer `config`.

    Embeddings are shared and tied with the output, as in `Translator`. Transformers normalise before each
    sublayer; the recurrent decoder has Luong's ``general`` score and a linear bridge.
    """
    encoder, decoder = config.model.encoder, config.model.decoder
    if encoder.kind == "transformer":
        halves = [_transformer(encoder), _transformer(decoder)]
    else:
        # Units of ours are of both directions together.
        directions = 2 if encoder.bidirectional else 1
        halves = [
            _recurrent(encoder, hidden_size=encoder.units // directions, bidirectional=encoder.bidirectional),
            _recurrent(
                decoder,
                hidden_size=decoder.units,
                attention="luong",
                init_hidden="bridge",
                input_feeding=decoder.input_feeding,
                hidden_dropout=decoder.dropout,
            ),
        ]
    for half, of in zip(halves, (encoder, decoder), strict=True):
        size = {"embedding_dim": config.model.embedding_size, "scale": True}
        half["embeddings"] = {**size, "dropout": of.dropout}
    names = ("encoder", "decoder")
    tied = {"tied_embeddings": True, "tied_softmax": True}
    return {**tied, **dict(zip(names, halves, strict=True))}


def _transformer(settings: Any) -> dict[str, Any]:
    return {
        "type": "transformer",
        "hidden_size": settings.units,
        "ff_size": settings.feedforward_units or 4 * settings.units,
        "num_layers": settings.layers,
        "num_heads": settings.heads,
        "dropout": settings.dropout,
        "layer_norm": "pre",
    }


def _recurrent(settings: Any, **more: Any) -> dict[str, Any]:
    own = {"num_layers": settings.layers, "dropout": settings.dropout}
    return {"type": "recurrent", "rnn_type": settings.cell, **own, **more}


@contextmanager
def joeynmt_training(
    python: Path,
    config: TranslationConfig,
    vocabulary: int,
    batches: Sequence[IdBatch],
    threads: int,
    scratch: Path,
) -> Iterator[JoeyNMT]:
    """JoeyNMT with the layers and settings of `config`, ready to train on `batches`.

    Args:
        python: interpreter of an environment with JoeyNMT.
        config: ours.
        vocabulary: V.
        batches: ids of each batch.
        threads: threads of PyTorch.
        scratch: an existing directory for the worker's files.

    Raises:
        DataError: the interpreter cannot be started or has no JoeyNMT.
    """
    settings = {
        "network": joeynmt_network(config),
        "vocabulary": vocabulary,
        "threads": threads,
        "label_smoothing": config.training.label_smoothing,
        "learning_rate": config.training.learning_rate,
        "clip_norm": config.training.clip_norm,
    }
    network, arrays = scratch / "network.json", scratch / "batches.npz"
    network.write_text(json.dumps(settings), encoding="utf-8")
    sources = {f"source_{i}": batch.source.astype(np.int64) for i, batch in enumerate(batches)}
    targets = {f"target_{i}": batch.target.astype(np.int64) for i, batch in enumerate(batches)}
    np.savez(arrays, **sources, **targets)
    command = [str(python), str(_WORKER), str(network), str(arrays)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    # Threads that spin at each barrier take ten times as long where other processes use the same cores.
    environment = {"OMP_WAIT_POLICY": "passive", **os.environ}
    try:
        process = subprocess.Popen(command, env=environment, **pipes)
    except OSError as error:
        raise DataError(f"joeynmt: expected an interpreter of Python, {python}: {error}") from error
    with process:
        try:
            yield JoeyNMT(process)
        finally:
            process.kill()
