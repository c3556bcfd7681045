"""The resources of a run: the factory, and local services in place of Azure's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from azure.storage.blob import BlobClient, BlobServiceClient

from checks.adf.resources import Factory
from tests.adf.rehearsal.expressions import resolved

type Rows = list[tuple[str | None, ...]]


class Database(Protocol):
    """The database of a run. Every method raises ActivityFailed with the database's message."""

    def execute(self, text: str) -> None: ...

    def insert(self, table: str, columns: list[str], rows: Rows) -> None:
        """Insert all rows, or none."""
        ...

    def call(self, procedure: str, parameters: Mapping[str, Any]) -> None: ...


@dataclass(frozen=True)
class World:
    """`wait` is called with the seconds between two attempts; it may return at once."""

    factory: Factory
    storage: BlobServiceClient
    database: Database
    wait: Callable[[float], None]

    def dataset(self, reference: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a dataset's properties, evaluated with the parameters of a reference."""
        dataset = self.factory.of("dataset")[reference["referenceName"]]
        given = reference.get("parameters", {})
        properties = dataset.properties["typeProperties"]
        return dict(resolved(properties, {"dataset": lambda: given}))

    def blob(self, dataset: Mapping[str, Any]) -> BlobClient:
        """Return the blob of a dataset."""
        location = dataset["location"]
        path = "/".join(filter(None, (location["folderPath"], location["fileName"])))
        return self.storage.get_blob_client(location["container"], path)
