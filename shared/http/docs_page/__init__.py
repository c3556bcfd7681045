"""The documentation page: Swagger UI and our sign-in form; no file comes from another site."""
