"""The adapters to SQL: one code for the embedded SQLite and for Azure SQL."""
