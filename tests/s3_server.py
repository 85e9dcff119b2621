"""An S3 server of this machine, for what lies in a bucket."""

import os
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from tests.clients import client
from tests.ports import free_port

# In no output, log, file or database of ours.
SECRET = "never-printed"


@contextmanager
def serving_bucket() -> Iterator[dict[str, str]]:
    """Environment of a bucket `minerals`, until the block ends."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        [client("moto", "moto_server"), "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(600):
            try:
                made = urllib.request.Request(f"{address}/minerals", method="PUT")
                urllib.request.urlopen(made, timeout=5).close()
                break
            except OSError:
                assert server.poll() is None, "the S3 server ended"
                time.sleep(0.1)
        yield {
            "AWS_ACCESS_KEY_ID": f"moto-key-{SECRET}",
            "AWS_SECRET_ACCESS_KEY": f"moto-secret-{SECRET}",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": address,
        }
    finally:
        server.terminate()
        server.wait()


@contextmanager
def reaching(bucket: dict[str, str], **more: str) -> Iterator[None]:
    """This process reaches that bucket, until the block ends."""
    from sources.reading import bucket as ours

    before = dict(os.environ)
    os.environ.update(bucket, **more)
    ours.opened.cache_clear()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        ours.opened.cache_clear()
