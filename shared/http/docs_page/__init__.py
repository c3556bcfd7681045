"""Two pages, the API in Swagger UI and the status of the cache; no file is another site's."""
