"""The API's description (OpenAPI 3.1), built from the routes, the models and the error tree."""
