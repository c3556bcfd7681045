"""The rivals of the product, each written as its own documentation shows."""
