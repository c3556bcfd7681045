"""`make bench`: the product beside what its users would choose instead, in one run."""
