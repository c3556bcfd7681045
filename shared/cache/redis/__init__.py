"""The store on Redis: one hash per list, its newest version and its lock in the same slot."""
