"""`make demo`: the naive design and Smart Cache in the same race, live in the terminal."""
