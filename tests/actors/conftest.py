"""A Postgres server for the tests of the journal."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.actors.journal_rows import wait_until


@pytest.fixture(scope="module")
def postgres() -> Any:
    found = shutil.which("initdb") or next(
        (str(p) for p in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))), None
    )
    if found is None:
        pytest.skip("no initdb here: install Debian's package postgresql")
    programs = Path(found).resolve().parent
    # Postgres does not run as root.
    user = "nobody" if os.getuid() == 0 else None
    # The folders of pytest are closed to other users.
    folder = Path(tempfile.mkdtemp(prefix="journal-postgres-"))
    folder.chmod(0o777)
    data = folder / "data"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "journal", "-A", "trust", "--no-sync"],
        check=True,
        capture_output=True,
        timeout=60,
        user=user,
    )
    url = f"postgresql://journal:word@127.0.0.1:{port}/postgres"
    arguments = ["-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", folder, "-c", "fsync=off"]

    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [programs / "postgres", *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=user,
        )

        def answers() -> bool:
            # It takes connections before it has started up, and refuses them in words.
            try:
                psycopg.connect(url, connect_timeout=5).close()
            except psycopg.OperationalError:
                return False
            return True

        wait_until(answers, 60.0)
        return process

    server = {"process": start(), "start": start, "url": url}
    yield server
    server["process"].kill()
    server["process"].wait(10)
    shutil.rmtree(folder)
