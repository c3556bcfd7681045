"""Smart Cache: everything behind the routes of function_app.py."""
