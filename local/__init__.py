"""What exists only on a developer's machine: the functions host, emulators, sample data."""
