"""Scores, baselines, calibration and pictures."""
