"""A parser of Data Factory's expression language, as far as `adf/` uses it.

Grammar: Microsoft Learn, "Expressions and functions in Azure Data Factory".
"""
