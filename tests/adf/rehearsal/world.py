"""What a run works with: the factory's resources, and what stands for Azure's services."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from azure.storage.blob import BlobClient, BlobServiceClient

from checks.adf.resources import Factory
from tests.adf.rehearsal.expressions import resolved

type Rows = list[tuple[str | None, ...]]


class Database(Protocol):
    """Every method raises ActivityFailed with the database's own message."""

    def execute(self, text: str) -> None: ...

    def insert(self, table: str, columns: list[str], rows: Rows) -> None:
        """All of these rows or none."""
        ...

    def call(self, procedure: str, parameters: Mapping[str, Any]) -> None: ...


@dataclass(frozen=True)
class World:
    """`wait` is told the seconds between two attempts, and need not wait."""

    factory: Factory
    storage: BlobServiceClient
    database: Database
    wait: Callable[[float], None]

    def dataset(self, reference: Mapping[str, Any]) -> Mapping[str, Any]:
        """A dataset's type properties, with the parameters of this reference in them."""
        dataset = self.factory.of("dataset")[reference["referenceName"]]
        given = reference.get("parameters", {})
        properties = dataset.properties["typeProperties"]
        return dict(resolved(properties, {"dataset": lambda: given}))

    def blob(self, dataset: Mapping[str, Any]) -> BlobClient:
        """The blob that a dataset names."""
        location = dataset["location"]
        path = "/".join(filter(None, (location["folderPath"], location["fileName"])))
        return self.storage.get_blob_client(location["container"], path)
