"""Who calls, and what they may do: Firebase Authentication, roles and rate limits.

Entry points:

- `connect.connect(settings, workers) -> Identity`: all of the following, nothing connected yet.
- `token_verifier.FirebaseVerifier`: a bearer token becomes a `user.User` (RFC 6750).
- `accounts.Accounts`: sign up, log in, refresh, log out.
- `roles.Roles`: grant, revoke, whois.
- `limits.RateLimits`: how often an address may ask; `address.client_address` reads the address.

Importing any of these imports neither firebase-admin nor httpx: the first use does, in a thread.
"""
