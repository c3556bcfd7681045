"""The record of the data set: its fields, the rules for each, and why a line is refused."""
