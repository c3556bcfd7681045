"""Records and versions in SQL: the port, and its adapter for SQLite and Azure SQL.

What to read first:

* `database.py`, the port: what the cache asks of a database; `versions.py`, what a version is
* `sql_database.py`, the adapter: every call is one transaction in a thread
* `statements.py`, what it reads and how a version is raised; `writes.py`, what it writes
* `tables.py`; `migrations/` creates the tables, and `schema_upgrade.py` runs the migrations
* `sqlite.py` and `azure_sql.py`, the connections; `engine.py` chooses by the settings
* `driver_errors.py`, what is tried again, and what becomes DatabaseUnavailable

A load has a port of its own, `load_target.py`; `bulk_load.py` chooses its adapter.
"""
