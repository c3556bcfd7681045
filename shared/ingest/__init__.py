"""From a CSV file to records: reading, transformation, loading. Nothing is dropped in silence."""
