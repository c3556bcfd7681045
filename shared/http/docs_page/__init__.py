"""The documentation page: Swagger UI from a package, our sign-in, and nothing from elsewhere."""
