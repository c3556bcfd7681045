"""Checks of the files of `adf/`: `python -m checks.adf`."""
