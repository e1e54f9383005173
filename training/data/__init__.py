"""Reads what users and package archives have into training, validation and test rows."""
