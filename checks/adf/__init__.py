"""The files of `adf/`, checked before Data Factory ever sees them: `python -m checks.adf`."""
