"""Benchmarks: each module is a command that prints a table and a last line of JSON."""
