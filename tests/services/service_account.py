"""A service account of Google's, as the JSON text of its file."""

import base64
import json

KEY_FRAME = "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n"


def service_account(private_key: str = "", **changes: object) -> str:
    """Without a `private_key` it has one that looks right and is none; None removes a field."""
    account = {
        "type": "service_account",
        "project_id": "a-project",
        "client_email": "app@a-project.iam.gserviceaccount.com",
        "token_uri": "https://oauth2.googleapis.com/token",
        "private_key": private_key or KEY_FRAME.format(base64.b64encode(b"hushhush").decode()),
        **changes,
    }
    return json.dumps({name: value for name, value in account.items() if value is not None})
