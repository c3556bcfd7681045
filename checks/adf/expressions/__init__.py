"""Data Factory's expression language, as far as `adf/` uses it: parsed here, never evaluated.

Grammar: Microsoft Learn, "Expressions and functions in Azure Data Factory".
"""
