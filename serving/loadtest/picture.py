"""Throughput and latency over the number of clients, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from serving.loadtest.measure import Measurement


def save_curve(results: Sequence[Measurement], path: Path) -> None:
    """Draws the measurements and writes them to `path`; its ending chooses the format."""
    from matplotlib.figure import Figure

    clients = [result.clients for result in results]
    figure = Figure(figsize=(8, 3.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot(clients, [result.sentences_a_second for result in results], marker="o")
    left.set(xlabel="clients", ylabel="sentences/s", xscale="log", title="Throughput")
    for share in (0.5, 0.9, 0.99):
        times = [result.percentile(share) for result in results]
        right.plot(clients, times, marker="o", label=f"p{share * 100:.0f}")
    right.set(xlabel="clients", ylabel="ms", xscale="log", title="Latency")
    right.legend()
    for axes in (left, right):
        axes.set_xticks(clients, labels=[str(number) for number in clients])
        axes.minorticks_off()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
