"""The API's description (OpenAPI 3.1), built from the routes, the models and the error classes.

- `document.py`: the whole document
- `operation.py`: a route as an operation
- `described.py`: what each operation says that routes and models do not
- `parameters.py`: parameters and headers
- `problems.py`: the errors, explained and with an example each
"""
