"""HTTP: from the platform's request to a handler, and from its result to the answer.

The way of a read of a list:

    endpoint.py       every request: id, span, metrics, errors
    ../handlers/      one function per route
    list_request.py   what the caller wants: the query, view, page, content coding, conditions
      negotiation.py    Accept-Encoding, entity tags, If-None-Match and If-Match
      pages.py          limit and cursor
    list_answer.py    the answer: the list, a page or 304, with Cache-Status
    answer.py         every answer: its length, security headers, ASCII

What else there is:

    app.py            the Function App from the table of routes in function_app.py
    route.py          Route, Access and Call
    access.py         which user calls, and whether the route allows it
    json_body.py      a request's body: size, type (media_type.py), JSON (json_text.py), fields
    request_bodies.py, answer_bodies.py, track_fields.py   the models of bodies
    json_answer.py, file_answer.py, problem.py             the other answers
    openapi/          the description at /openapi.json
    docs_page/        the page at /docs
"""
