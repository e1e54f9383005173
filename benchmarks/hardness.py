"""``python -m benchmarks.hardness``: what hostile and careless clients do to the embedded server.

Each probe is sent to a server in a process of its own while a good client measures how long its own
requests take: the longest one shows how long the probe stopped everybody else. Peak memory is that of
the server's process. Then good and bad requests are mixed; none may be lost. Everything stays on
127.0.0.1, and the server is ended when it takes more memory than allowed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.hardness_neighbour import Neighbour
from benchmarks.hardness_server import MODEL, Target, own_server, save_toy
from seqapp.startup import import_tensorflow_quietly

MAX_NEIGHBOUR_SECONDS = 1.0


def run_probes(target: Target, neighbour: Neighbour, only: str = "") -> list[dict[str, Any]]:
    """Sends the probes, those that need a server of our own only to one.

    Returns:
        For each ``port``, ``probe``, ``answer``, whether it is ``right``, ``seconds``, the longest request
        of the ``neighbour`` in seconds and how many of its requests ``failed``, ``peak_mib``: how far the
        server's memory rose above where it was before, ``log_bytes`` that it wrote.
    """
    from benchmarks.hardness_probes import probes

    found = []
    for probe in probes():
        if (probe.own and target.base is None) or only not in f"{probe.port} {probe.name}":
            continue
        neighbour.begin()
        target.reset_peak()
        before, logged, begun = target.memory_mib(), target.log_bytes(), time.monotonic()
        answer = _sent(probe.send, target)
        seconds = time.monotonic() - begun
        worst, failed = neighbour.end()
        row = {
            "port": probe.port,
            "probe": probe.name,
            "answer": answer,
            "right": answer in probe.right and not failed,
            "seconds": round(seconds, 2),
            "neighbour": round(worst, 2),
            "failed": failed,
            "peak_mib": round(max(0.0, target.memory_mib("VmHWM") - before)),
            "log_bytes": target.log_bytes() - logged,
        }
        found.append(row)
        print(_line(row), flush=True)
        if target.killed.is_set():
            break
    return found


def hardness(target: Target, requests: int, clients: int, seed: int, only: str = "") -> dict[str, Any]:
    """The probes, then the mixed requests.

    Returns:
        ``probes``; ``wrong``: the names of those answered otherwise than they should be; the longest
        request of the ``neighbour``; ``peak_mib`` and ``memory_mib`` after all; of the mixed requests
        ``good``, ``refused``, ``lost``, ``examples_of_lost``, ``mixed_seconds``; ``killed``.
    """
    from benchmarks.hardness_mix import mixed_load

    with Neighbour(target.grpc, target.rest, MODEL) as neighbour:
        print(_HEAD)
        probes = run_probes(target, neighbour, only)
        before, begun = target.memory_mib(), time.monotonic()
        neighbour.begin()
        mixed = mixed_load(target, requests, clients, seed)
        worst, failed = neighbour.end()
    return {
        "benchmark": "hardness",
        "probes": probes,
        "wrong": [row["probe"] for row in probes if not row["right"]],
        "neighbour": max((row["neighbour"] for row in probes), default=0.0),
        "peak_mib": max((row["peak_mib"] for row in probes), default=0),
        "good": mixed.good,
        "refused": mixed.refused,
        "lost": mixed.lost_count + failed,
        "examples_of_lost": mixed.lost,
        "mixed_neighbour": round(worst, 2),
        "mixed_seconds": round(time.monotonic() - begun, 1),
        "memory_before_mib": round(before),
        "memory_mib": round(target.memory_mib()),
        "killed": target.killed.is_set(),
    }


_HEAD = (
    f"{'port':<4}  {'probe':<40}  {'answer':<22}  {'':<5}  {'seconds':>7}  {'neighbour':>9}  {'+ MiB':>6}"
    f"  {'log':>7}"
)


def _line(row: dict[str, Any]) -> str:
    verdict = "" if row["right"] else "WRONG"
    return (
        f"{row['port']:<4}  {row['probe']:<40}  {row['answer'][:22]:<22}  {verdict:<5}"
        f"  {row['seconds']:>7.2f}  {row['neighbour']:>9.2f}  {row['peak_mib']:>6,}  {row['log_bytes']:>7,}"
    )


def _sent(send: Any, target: Target) -> str:
    try:
        return str(send(target))
    except OSError as error:
        return f"{type(error).__name__}"


def main(argv: Sequence[str] | None = None) -> int:
    """1 where an answer was wrong, a request lost, or the good client waited for more than a second."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hardness", description=__doc__)
    parser.add_argument("--model", type=Path, help="base path of an export (default: a toy model)")
    parser.add_argument("--grpc", help="HOST:PORT of a running server, with --rest (default: start one)")
    parser.add_argument("--rest", help="HOST:PORT of its REST port")
    parser.add_argument("--pid", type=int, default=0, help="its process, to measure memory")
    parser.add_argument("--requests", type=int, default=20_000, help="mixed requests (default: 20000)")
    parser.add_argument("--clients", type=int, default=16, help="clients of the mix (default: 16)")
    parser.add_argument("--seed", type=int, default=5, help="random seed of the mix (default: 5)")
    parser.add_argument("--only", default="", help="send only probes whose port and name contain this")
    parser.add_argument("--memory-limit", type=int, default=4096, help="MiB; a server above is ended")
    arguments = parser.parse_args(argv)
    if (arguments.grpc is None) != (arguments.rest is None):
        parser.error("--grpc and --rest are given together")
    import_tensorflow_quietly()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if arguments.grpc:
            target = Target(arguments.grpc, arguments.rest, arguments.pid)
        else:
            base = arguments.model or save_toy(folder / "models" / MODEL)
            target = stack.enter_context(own_server(folder, base, arguments.memory_limit))
        found = hardness(target, arguments.requests, arguments.clients, arguments.seed, arguments.only)
    print(
        f"{len(found['probes'])} probes: {len(found['wrong'])} wrong, neighbour at most"
        f" {found['neighbour']:.2f} s, memory at most +{found['peak_mib']:,} MiB"
    )
    print(
        f"{arguments.requests:,} mixed requests in {found['mixed_seconds']:.0f} s: {found['lost']} lost,"
        f" memory {found['memory_before_mib']:,} -> {found['memory_mib']:,} MiB"
    )
    print(json.dumps(found, ensure_ascii=False))
    bad = found["wrong"] or found["lost"] or found["killed"] or found["neighbour"] > MAX_NEIGHBOUR_SECONDS
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
