"""Finds blobs by name, and turns errors of the storage account into messages for the operator."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

from azure.core.credentials import TokenCredential
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.identity import DefaultAzureCredential
from azure.storage.blob import BlobClient, BlobServiceClient, LinearRetry

from shared.ingest.load_errors import FileError
from shared.ingest.storage_names import without_secrets
from shared.settings import Settings

_BLOB_HOSTS: Final = (
    ".blob.core.windows.net",
    ".blob.storage.azure.net",
    ".blob.core.usgovcloudapi.net",
    ".blob.core.chinacloudapi.cn",
)
"""Blob storage in Azure's clouds: a token, which opens the account, is sent to no other host."""

_SIGN_IN: Final = "use `az login`, a URL with a signature, or STORAGE_CONNECTION_STRING"


def blob_of(name: str, settings: Settings) -> BlobClient:
    """The blob with this http(s):// URL, or with this `container/blob` in the settings' account.

    Does not connect yet. Raises FileError when the name or the settings are invalid.
    """
    try:
        if "://" in name:
            if "@" in urlsplit(name).netloc:
                raise FileError(f"{without_secrets(name)}: a blob's URL has no user or password.")
            return BlobClient.from_blob_url(name, _credential(name, settings), **_options())
        container, _, blob = name.partition("/")
        return _account(settings).get_blob_client(container, blob)
    except ValueError as error:
        raise FileError(f"{without_secrets(name)} names no blob of a storage account.") from error


@contextmanager
def translate_storage_errors(blob: BlobClient) -> Iterator[None]:
    """Raise FileError, with a message for the operator, in place of the SDK's errors."""
    name = f"{blob.container_name}/{blob.blob_name}"
    try:
        yield
    except ResourceNotFoundError as error:
        raise FileError(f"There is no {name} in {_account_name(blob)}.") from error
    except ResourceModifiedError as error:
        raise FileError(f"{name} was replaced while it was read; load it again.") from error
    except AzureError as error:
        account = _account_name(blob)
        if isinstance(error, ClientAuthenticationError) and not was_answered(error):
            raise FileError(
                f"There is no identity to sign in to {account} with: {_SIGN_IN}."
            ) from error
        if isinstance(error, HttpResponseError) and was_answered(error):
            code = getattr(error, "error_code", None) or error.reason
            raise FileError(f"{account} refuses {name}: {error.status_code} {code}.") from error
        raise FileError(f"{name}: {account} cannot be reached, or breaks off.") from error


def was_answered(error: AzureError) -> bool:
    """Whether the server answered: an answer that broke off is an HttpResponseError as well."""
    return isinstance(error, HttpResponseError) and error.status_code is not None


def _account(settings: Settings) -> BlobServiceClient:
    connection_string = settings.storage_connection_string.get_secret_value()
    if connection_string:
        return BlobServiceClient.from_connection_string(connection_string, **_options())
    if settings.storage_account_url:
        return BlobServiceClient(
            settings.storage_account_url, DefaultAzureCredential(), **_options()
        )
    raise FileError("No storage account is set: STORAGE_ACCOUNT_URL, or STORAGE_CONNECTION_STRING.")


def _credential(url: str, settings: Settings) -> Any:
    """What opens this URL: None for its own signature, the settings' key, or our identity."""
    if urlsplit(url).query:
        return None
    if settings.storage_connection_string.get_secret_value():
        account = _account(settings)
        if url.startswith(account.url.rstrip("/") + "/"):
            return account.credential
    return _token(url)


def _token(url: str) -> TokenCredential | None:
    """Our identity, for Azure's own hosts only; None reads a public blob."""
    parts = urlsplit(url)
    trusted = parts.scheme == "https" and (parts.hostname or "").endswith(_BLOB_HOSTS)
    return DefaultAzureCredential() if trusted else None


def _options() -> dict[str, Any]:
    return {"retry_policy": LinearRetry(backoff=2, retry_total=3, random_jitter_range=1)}


def _account_name(blob: BlobClient) -> str:
    return f"the storage account {blob.account_name or urlsplit(blob.url).hostname}"
