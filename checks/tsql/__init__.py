"""Syntax of every T-SQL statement, by Microsoft's parser: `python -m checks.tsql`."""
