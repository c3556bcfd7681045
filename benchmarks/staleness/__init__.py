"""How often the product and its rivals answer without a record that was acknowledged before."""
