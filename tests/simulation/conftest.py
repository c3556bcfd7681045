"""The processes in which schedules run: one for each core, for all tests of this directory."""

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import pytest


@pytest.fixture(scope="package")
def simulations() -> Iterator[ProcessPoolExecutor]:
    # Forked processes would inherit the threads' locks of whatever ran before.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.process_cpu_count(), mp_context=context) as pool:
        yield pool
        pool.shutdown(cancel_futures=True)
