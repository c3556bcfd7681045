"""Checks of shell scripts: `python -m checks.shell`."""
