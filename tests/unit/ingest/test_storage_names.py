"""No signature and no password is shown, wherever in a text it stands."""

import pytest

from shared.ingest.storage_names import without_secrets

SECRET = "c2VjcmV0%2Fx%3D"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"https://a.blob.core.windows.net/raw/x.csv?sv=1&sig={SECRET}",
         "https://a.blob.core.windows.net/raw/x.csv"),
        (f"HTTPS://host/raw/x.csv?SIG={SECRET}&se=2", "HTTPS://host/raw/x.csv"),
        (f"https://host/raw/x.csv#sig={SECRET}", "https://host/raw/x.csv"),
        (f"https://ada:{SECRET}@host:1/raw/x.csv", "https://host:1/raw/x.csv"),
        (f"There is no file https:/ada:{SECRET}@h/c.", "There is no file https:/h/c."),
        (f"https://?sig={SECRET}", "https://"),
        (f"No such command 'https://h/c?sig={SECRET}'.", "No such command 'https://h/c'."),
        (f"https://h/c/my file.csv?sv=1&sig={SECRET}", "https://h/c/my file.csv?sv=1&sig=..."),
        (f"raw/x.csv?sv=1&sig={SECRET}&sr=b", "raw/x.csv?sv=1&sig=...&sr=b"),
        (f"There is no file https:/h/c?sig={SECRET}.", "There is no file https:/h/c?sig=..."),
        ("raw/what?.csv", "raw/what?.csv"),
        ("design=x.csv", "design=x.csv"),
    ],
)  # fmt: skip
def test_a_name_is_shown_without_what_opens_it(text: str, shown: str) -> None:
    assert without_secrets(text) == shown
    assert SECRET not in shown
