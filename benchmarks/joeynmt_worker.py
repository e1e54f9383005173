"""Training steps of JoeyNMT, run by the interpreter of an environment of its own: see `joeynmt_peer`.

``python joeynmt_worker.py NETWORK.json BATCHES.npz``. Prints one JSON object when the model is built; then,
for each line of the standard input, takes one step on each batch and prints another. Imports nothing of this
project.
"""

import json
import sys
import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from joeynmt.batch import Batch
from joeynmt.model import Model, build_model
from joeynmt.vocabulary import Vocabulary

# JoeyNMT's vocabulary begins with these, in this order.
UNK, PAD, BOS, EOS = range(4)
# Ids of this project's vocabularies (PAD, BOS, EOS, UNK) in JoeyNMT's.
FIRST_IDS = [PAD, BOS, EOS, UNK]


def vocabulary(size: int) -> Vocabulary:
    """A vocabulary of `size` tokens."""
    special = {"unk": UNK, "pad": PAD, "bos": BOS, "eos": EOS}
    names = {f"{name}_token": f"<{name}>" for name in special}
    ids = {f"{name}_id": number for name, number in special.items()}
    settings = SimpleNamespace(**names, **ids, sep_token=None, sep_id=None, lang_tags=[])
    return Vocabulary([str(number) for number in range(len(special), size)], settings)


def read_batches(path: str) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Source ids [B, S] and target ids [B, T] with EOS of each batch, as ids of JoeyNMT's vocabulary."""
    with np.load(path) as arrays:
        pairs = [(arrays[f"source_{i}"], arrays[f"target_{i}"]) for i in range(len(arrays.files) // 2)]
    return [(_joey_ids(source), _joey_ids(target)) for source, target in pairs]


def _joey_ids(ids: np.ndarray) -> torch.Tensor:
    first = np.array(FIRST_IDS)
    return torch.from_numpy(np.where(ids < len(first), first[np.minimum(ids, len(first) - 1)], ids))


def make_batch(source: torch.Tensor, target: torch.Tensor) -> Batch:
    """A batch as JoeyNMT's data loader gives it, longest source first."""
    begin = torch.full((len(target), 1), BOS, dtype=target.dtype)
    batch = Batch(
        src=source,
        src_length=(source != PAD).sum(1),
        src_prompt_mask=None,
        trg=torch.cat([begin, target], dim=1),
        trg_prompt_mask=None,
        indices=torch.arange(len(source)),
        device=torch.device("cpu"),
        pad_index=PAD,
        eos_index=EOS,
    )
    batch.sort_by_src_length()
    return batch


def train_step(model: Model, optimizer: Any, batch: Batch, clip_norm: float) -> None:
    """Forward, backward, clipping and update, as in JoeyNMT's trainer."""
    loss, _, _, _ = model(return_type="loss", **vars(batch))
    batch.normalize(loss, normalization="tokens").backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=clip_norm)
    optimizer.step()
    model.zero_grad()


def main() -> None:
    """Build the model, then take a round of steps for each line."""
    with open(sys.argv[1], encoding="utf-8") as file:  # noqa: PTH123
        settings = json.load(file)
    torch.set_num_threads(settings["threads"])
    torch.manual_seed(1)
    batches = read_batches(sys.argv[2])
    shared = vocabulary(settings["vocabulary"])
    model = build_model(settings["network"], shared, shared)
    model.loss_function = ("crossentropy", settings["label_smoothing"])
    model.train()
    optimizer = torch.optim.Adam(model.parameters(), lr=settings["learning_rate"])
    print(json.dumps({"parameters": sum(one.numel() for one in model.parameters())}), flush=True)
    for _ in sys.stdin:
        began, cpu_began = time.perf_counter(), time.process_time()
        for source, target in batches:
            train_step(model, optimizer, make_batch(source, target), settings["clip_norm"])
        spent = {"seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - cpu_began}
        print(json.dumps(spent), flush=True)


if __name__ == "__main__":
    main()
