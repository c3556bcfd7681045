"""Checks of what only Azure can run, as strict as they can be without Azure."""
