"""The store on Redis: of each scope the stored list, its known version and its fill lock."""
