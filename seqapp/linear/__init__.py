"""What stands beside a network: a linear model over character n-grams, and calibration."""
