"""`make bench`: measures the product and its rivals in one run, on the same machine and data."""
