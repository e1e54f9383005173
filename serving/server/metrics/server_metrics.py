"""Everything that a server counts."""

from __future__ import annotations

from serving.server.metrics.instruments import Counter, Histogram, Instrument, exponential_buckets

_PREFIX = ":tensorflow:serving:"
_LATENCY = exponential_buckets(10, 1.8, 33)  # microseconds
_EXAMPLES = exponential_buckets(1, 2, 15)


class ServerMetrics:
    """The instruments of one server.

    Attributes:
        requests: by model and status.
        request_latency: from a whole request to its reply, by model, API and entrypoint.
        runtime_latency: the run of the graph, by model, API and runtime.
        example_counts: rows per request, by model.
        examples: rows in all, by model.
        warmup_latency: of a version's warm-up, by its path and status.
        warmup_records: records replayed, by path and status.
        queuing_latency: from the queue to the run of a batch.
        wrapped_runs: batches run.
        logged_requests: lines of the request log, by model.
    """

    def __init__(self) -> None:
        def latency(name: str, *labels: str) -> Histogram:
            return Histogram(_PREFIX + name, labels, bounds=_LATENCY)

        self.requests = Counter(_PREFIX + "request_count", ("model_name", "status"))
        self.request_latency = latency("request_latency", "model_name", "API", "entrypoint")
        self.runtime_latency = latency("runtime_latency", "model_name", "API", "runtime")
        self.example_counts = Histogram(
            _PREFIX + "request_example_counts", ("model",), bounds=_EXAMPLES, scale=1
        )
        self.examples = Counter(_PREFIX + "request_example_count_total", ("model",))
        self.warmup_latency = latency("model_warmup_latency", "model_path", "status")
        self.warmup_records = Counter(_PREFIX + "model_warmup_records_read", ("model_path", "status"))
        self.queuing_latency = latency("batching_session:queuing_latency")
        self.wrapped_runs = Counter(_PREFIX + "batching_session:wrapped_run_count")
        self.logged_requests = Counter(_PREFIX + "request_log_count", ("model_name",))

    def text(self) -> str:
        """All of it in Prometheus's text format."""
        instruments = [value for value in vars(self).values() if isinstance(value, Instrument)]
        return "\n".join(line for instrument in instruments for line in instrument.lines()) + "\n"

    def counts(self) -> dict[str, int]:
        """Each counter's sum over its labels, by name."""
        counters = [value for value in vars(self).values() if isinstance(value, Counter)]
        return {counter.name: sum(counter.counts().values()) for counter in counters}
