"""`nodes`: Redis servers of each kind, empty; a test leaves them as it found them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest

from tests.contract.redis_nodes import KINDS, Nodes, started_nodes
from tests.services.required_service import required_service

type NodesOf = Callable[[str], Nodes]


@pytest.fixture(scope="session")
def nodes_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodesOf]:
    """`nodes_of(kind)`: the servers of this kind, started once."""
    with ExitStack() as running:

        @cache
        def start(kind: str) -> Nodes:
            with required_service():
                return running.enter_context(started_nodes(kind, tmp_path_factory.mktemp(kind)))

        yield start


@pytest.fixture(params=KINDS)
def nodes(request: pytest.FixtureRequest, nodes_of: NodesOf) -> Nodes:
    nodes = nodes_of(request.param)
    nodes.empty()
    return nodes
