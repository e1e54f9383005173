"""Plots throughput and latency over the concurrency."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from serving.loadtest.measure import Measurement


def save_curve(results: Sequence[Measurement], path: Path) -> None:
    """Writes the plot to `path`, in the format of its suffix (PNG, SVG or PDF)."""
    from matplotlib.figure import Figure

    concurrency = [result.concurrency for result in results]
    figure = Figure(figsize=(8, 3.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot(concurrency, [result.texts_per_second for result in results], marker="o")
    left.set(xlabel="concurrency", ylabel="texts/s", xscale="log", title="Throughput")
    for share in (0.5, 0.9, 0.99):
        times = [result.percentile(share) for result in results]
        right.plot(concurrency, times, marker="o", label=f"p{share * 100:.0f}")
    right.set(xlabel="concurrency", ylabel="ms", xscale="log", title="Latency")
    right.legend()
    for axes in (left, right):
        axes.set_xticks(concurrency, labels=[str(number) for number in concurrency])
        axes.minorticks_off()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
