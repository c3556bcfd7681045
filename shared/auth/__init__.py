"""Authentication, roles and rate limits, on Firebase Authentication.

    connect.py           connect(settings, workers) -> Auth: everything below, built once
    token_verifier.py    a bearer token becomes a User, or 401
    accounts.py          sign up, log in, refresh, log out
      identity_toolkit.py  Google's REST API under it
      credentials.py       which e-mail addresses and passwords are accepted
    roles.py             User and Role; grant, revoke, whois
    sessions.py          end all sign-ins of a user
    firebase.py          the client of firebase-admin, which tokens, roles and sessions need
    rate_limits.py       how many requests an address and an account may send: the policy
      rate_counters.py     its counters, in Redis or in the process
      client_address.py    the address that a request comes from

Which route needs which role is decided in `function_app.py` and enforced in `http/endpoint.py`.
Importing any of these modules imports neither firebase-admin nor httpx: the first use does, in a
thread.
"""
