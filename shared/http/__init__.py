"""The HTTP border: requests in, answers out, errors in one shape."""
