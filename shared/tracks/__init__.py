"""The record of the data set: its columns, their rules, and why a line is rejected."""
