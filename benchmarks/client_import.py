"""``python -m benchmarks.client_import``: time to import and construct the client."""

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Sequence

_PROGRAM = """
import time
begun = time.perf_counter()
from serving.client import Client
Client({address!r}, model="m")
print(time.perf_counter() - begun)
"""
_ADDRESSES = {"rest": "http://127.0.0.1:1", "grpc": "127.0.0.1:1"}


def seconds_until_ready(address: str) -> float:
    """Return the seconds for import and construction in a new process."""
    command = [sys.executable, "-c", _PROGRAM.format(address=address)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.client_import",
        description="Measure the time to import and construct the client.",
    )
    parser.add_argument(
        "--repeats", type=int, default=9, help="processes per transport (default: %(default)s)"
    )
    repeats = max(1, parser.parse_args(argv).repeats)
    measured: dict[str, list[float]] = {name: [] for name in _ADDRESSES}
    for _ in range(repeats):
        for name, address in _ADDRESSES.items():
            measured[name].append(seconds_until_ready(address))
    medians = {f"{name}_seconds": round(statistics.median(found), 3) for name, found in measured.items()}
    for name, found in measured.items():
        print(f"{name:<6}{statistics.median(found):>8.3f} s  (median of {repeats}, fastest {min(found):.3f})")
    print(json.dumps({"benchmark": "client_import", "repeats": repeats, **medians}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
