"""Measures a served model: throughput and latency under many clients at once."""
