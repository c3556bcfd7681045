"""What `make run` prints when everything runs."""

from rich.console import Console
from rich.table import Table

from local.parts import Parts

RECORD = (
    '{"genre": "Dance", "artist_name": "Lana Del Rey", "track_name": "Pretty When You Cry",'
    ' "track_id": "6PnluwP0fjGnpIBsqTdUTq", "popularity": "60", "duration_ms": "234147"}'
)

TRY = """\
curl -s --compressed {url}/features -o features.json -w '%{{size_download}} bytes\\n'
curl -s --compressed '{url}/features/custom?arg=Pop' | head -c 300"""

TRY_SIGNED_IN = """
curl -s {url}/signup -H 'Content-Type: application/json' -d '{user}'
.venv/bin/python -m shared.cli grant me@example.org editor
TOKEN=$(curl -s {url}/login -H 'Content-Type: application/json' -d '{user}' \
 | python3 -c 'import json, sys; print(json.load(sys.stdin)["idToken"])')
curl -s {url}/features/new -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
 -d '{record}'"""

USER = '{"email": "me@example.org", "password": "correct horse"}'


def greet(console: Console, url: str, parts: Parts) -> None:
    """Print what runs where, and commands to copy and try."""
    table = Table("part", "state", box=None, show_header=False)
    table.add_row("[bold]API", f"[bold]{url}")
    table.add_row("To look at", f"{url}/docs, {url}/docs/status")
    for part in ("Database", "Redis", "Sign-in"):
        table.add_row(part, parts.notes[part])
    console.print(table)
    console.print("\nTry, in another terminal:", style="bold")
    lines = TRY + (TRY_SIGNED_IN if parts.notes["Sign-in"].startswith("Firebase") else "")
    text = lines.format(url=url, user=USER, record=RECORD)
    console.print(text, markup=False, highlight=False, soft_wrap=True)
    console.print("\nCtrl-C stops everything.\n")
