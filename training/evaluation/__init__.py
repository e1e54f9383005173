"""Metrics, baselines, calibration and plots."""
