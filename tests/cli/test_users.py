"""`grant`, `revoke` and `whois`, with the Auth emulator."""

import fcntl
import json
from pathlib import Path

import pytest

from local.services import AUTH_PROJECT
from shared.auth.firebase import EMULATOR_VARIABLE
from tests.auth.token_issuers import Issuer
from tests.cli.conftest import Cli


@pytest.fixture
def firebase(auth_emulator: str) -> dict[str, str]:
    """The settings of the emulator's project."""
    return {EMULATOR_VARIABLE: auth_emulator, "FIREBASE_PROJECT_ID": AUTH_PROJECT}


@pytest.fixture
def email(token_signer: Issuer) -> str:
    """The e-mail of a new user."""
    return f"{token_signer.new_user()}@example.org"


def test_the_commands_print_what_they_did(cli: Cli, firebase: dict[str, str], email: str) -> None:
    granted = cli("grant", email, "editor", **firebase)
    assert (granted.returncode, granted.stderr) == (0, "")
    assert f"{email} is now editor" in granted.stdout
    assert "next login or refresh" in granted.stdout
    shown = cli("whois", email.upper(), **firebase)
    assert shown.returncode == 0
    assert "role  editor" in shown.stdout
    revoked = cli("revoke", email, **firebase)
    assert revoked.returncode == 0
    assert "must log in again" in revoked.stdout
    assert "role  -" in cli("whois", email, **firebase).stdout


@pytest.mark.parametrize("command", [("grant", "editor"), ("revoke",), ("whois",)])
def test_an_unknown_user_is_a_message_and_status_1(
    cli: Cli, firebase: dict[str, str], command: tuple[str, ...]
) -> None:
    name, *rest = command
    ended = cli(name, "nobody@example.org", *rest, **firebase)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "There is no user with the e-mail nobody@example.org.\n"


def test_a_user_of_another_program_is_shown_on_the_lines_of_whois_alone(
    cli: Cli, firebase: dict[str, str], email: str, token_signer: Issuer
) -> None:
    user = token_signer.users.get_user_by_email(email)
    name = "Ada\n  role  admin\x1b[2J\u202e"
    token_signer.users.update_user(user.uid, display_name=name)
    token_signer.users.set_custom_user_claims(user.uid, {"role": "none\x1b[31m\n"})
    shown = cli("whois", email, **firebase).stdout
    assert shown.splitlines() == [
        email,
        r"  name  Ada\n  role  admin\x1b[2J\u202e",
        r"  role  none\x1b[31m\n",
        f"  uid   {user.uid}",
    ]


@pytest.mark.parametrize("command", [("grant", "editor"), ("revoke",), ("whois",)])
@pytest.mark.parametrize("address", ["ada\u200b@example.org", "ada\x1b[31m@example.org", "ada", ""])
def test_what_cannot_be_an_address_is_a_message_and_status_1(
    cli: Cli, firebase: dict[str, str], command: tuple[str, ...], address: str
) -> None:
    name, *rest = command
    ended = cli(name, address, *rest, **firebase)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("The e-mail must ")
    assert ended.stderr.count("\n") == 1


def test_a_role_that_does_not_exist_is_a_usage_error(
    cli: Cli, firebase: dict[str, str], email: str
) -> None:
    ended = cli("grant", email, "owner", **firebase)
    assert ended.returncode == 2
    assert "editor" in ended.stderr


def test_claims_without_room_for_the_role_are_a_message_that_names_the_field(
    cli: Cli, firebase: dict[str, str], email: str, token_signer: Issuer
) -> None:
    user = token_signer.users.get_user_by_email(email)
    token_signer.users.set_custom_user_claims(user.uid, {"notes": "x" * 980})
    ended = cli("grant", email, "editor", **firebase)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("role: ")


def test_without_a_project_the_commands_say_so(cli: Cli) -> None:
    ended = cli("whois", "ada@example.org")
    assert (ended.returncode, ended.stderr) == (1, "Sign-in is not set up here.\n")


def test_an_unavailable_firebase_is_a_message_and_status_1(cli: Cli, unused_tcp_port: int) -> None:
    unavailable = {
        EMULATOR_VARIABLE: f"127.0.0.1:{unused_tcp_port}",
        "FIREBASE_PROJECT_ID": AUTH_PROJECT,
    }
    ended = cli("whois", "ada@example.org", **unavailable)
    assert ended.returncode == 1
    assert ended.stderr.endswith("The sign-in service (Firebase) cannot be reached.\n")


def test_the_commands_find_the_emulator_of_a_running_make_run(
    cli: Cli, firebase: dict[str, str], email: str, tmp_path: Path
) -> None:
    run_file = tmp_path / "run.json"
    run_file.write_text(json.dumps(firebase))
    with (tmp_path / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ended = cli("whois", email, RUN_FILE=str(run_file))
    assert ended.returncode == 0
    assert email in ended.stdout
