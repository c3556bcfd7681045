"""One function per route: parse the request, call a service, answer."""
