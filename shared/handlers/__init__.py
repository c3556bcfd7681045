"""One handler per route: parse, call, answer."""
