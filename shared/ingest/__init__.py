"""From a CSV file or blob to stored records; every line is stored, or rejected with its reason.

`source.py` opens the file or blob, `csv_reader.py` makes records of it, `transform.py` makes a
Track of each, and `loading.py` stages and merges them through `repository/load_target.py`.
"""
