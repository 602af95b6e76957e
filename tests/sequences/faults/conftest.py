"""Where faults happen: on a server of their own, which other tests never meet."""

from collections.abc import Iterator

import pytest

from tests import databases
from tests.sequences.faults.scene import Scene
from tests.sequences.marks import DATABASE


@pytest.fixture(scope="package")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A database that is durable: it keeps what it acknowledges when it is killed."""
    directory = tmp_path_factory.mktemp("faults")
    if DATABASE == "sqlite":
        yield Scene(directory, None).migrate()
        return
    if DATABASE == "mysql":
        pytest.skip("MySQL's server is not ours to kill.")
    server = databases.new_server(DATABASE, durable=True).start()
    try:
        yield Scene(directory, server).migrate()
    finally:
        server.remove()
