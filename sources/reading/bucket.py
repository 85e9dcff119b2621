"""A place in an S3-compatible bucket, with the few methods of a path that the lake uses.

Key, region and endpoint are those of the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION,
AWS_ENDPOINT_URL), which the library reads: nothing here holds a secret, and no error repeats one.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from io import BytesIO
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from obstore.store import S3Store

ADDRESS = re.compile(r"^s3://(?P<bucket>[A-Za-z0-9._-]+)(/(?P<prefix>[^?#@'\\]*))?$")
SECRETS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
# Each names who gives keys. Without one the library asks the metadata of a cloud's machine, wherever it runs.
PROVIDERS = (
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_METADATA_ENDPOINT",
    "AWS_SKIP_SIGNATURE",
)
TO_SET = "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and AWS_ENDPOINT_URL"
# A passing fault is tried again; of a lasting one who waits for a command hears within the minute.
TRIES, SECONDS = 5, 30


class BucketError(OSError):
    """The store refused, or did not answer. One line: address and reason, no key."""


@dataclass(frozen=True, order=True)
class BucketPath:
    """An object of a bucket, or what lies below a prefix. An object is written whole or not at all."""

    bucket: str
    key: str = ""

    def __str__(self) -> str:
        """Address: `s3://bucket/key`."""
        return f"s3://{self.bucket}/{self.key}".rstrip("/")

    def __truediv__(self, name: str) -> "BucketPath":
        """Place of this name below this one."""
        return BucketPath(self.bucket, f"{self.key}/{name}".lstrip("/"))

    @property
    def stem(self) -> str:
        """The last part of the key, without its ending."""
        return PurePosixPath(self.key).stem

    def read_bytes(self) -> bytes:
        """Bytes of the object.

        Raises:
            FileNotFoundError: there is none.
            BucketError: the store refused, or did not answer.
        """
        import obstore

        with translated_errors(self):
            return bytes(obstore.get(opened(self.bucket), self.key).bytes())

    def open(self, _: str) -> BytesIO:
        """The object, to be read as a file is; raises as `read_bytes` does."""
        return BytesIO(self.read_bytes())

    def write_bytes(self, content: bytes) -> None:
        """Write the object: a reader sees the old one or the new one.

        Raises:
            BucketError: the store refused, or did not answer; the old object stays.
        """
        import obstore

        with translated_errors(self):
            obstore.put(opened(self.bucket), self.key, content)

    def glob(self, pattern: str) -> list["BucketPath"]:
        """Objects below, by name, whose names have as many parts as the pattern and match it."""
        import obstore

        depth = len(PurePosixPath(pattern).parts)
        with translated_errors(self):
            pages = list(obstore.list(opened(self.bucket), prefix=self.key or None))
        keys = sorted(PurePosixPath(entry["path"]) for page in pages for entry in page)
        return [
            BucketPath(self.bucket, str(key))
            for key in keys
            if len(key.relative_to(self.key).parts) == depth and key.match(pattern)
        ]


def bucket_path(address: str) -> BucketPath:
    """The place that an address `s3://bucket/prefix` names.

    Raises:
        ValueError: it is none. The text does not repeat it: it may hold a key.
    """
    parts = ADDRESS.match(address)
    if not parts:
        raise ValueError(
            "the address is neither a folder nor s3://bucket/prefix without key or query\n"
            f"  next: set {TO_SET} in the environment"
        )
    return BucketPath(parts["bucket"], (parts["prefix"] or "").strip("/"))


@cache
def opened(bucket: str, prefix: str = "") -> "S3Store":
    """The store of a bucket, or of what lies there below a prefix.

    Raises:
        BucketError: the environment has no key, and names nobody who gives one.
    """
    from obstore.store import S3Store

    if not all(map(os.environ.get, SECRETS[:2])) and not any(map(os.environ.get, PROVIDERS)):
        raise BucketError(
            f"s3://{bucket}: no key in the environment; next: set {TO_SET}, or for the role of a cloud's machine "
            "AWS_METADATA_ENDPOINT=http://169.254.169.254"
        )
    return S3Store(
        bucket,
        prefix=prefix or None,
        client_options={"allow_http": os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")},
        retry_config={"max_retries": TRIES, "retry_timeout": timedelta(seconds=SECONDS)},
    )


@contextmanager
def translated_errors(place: object) -> Iterator[None]:
    """What the library raises inside, as one line of ours; that an object is not there stays as it is.

    Raises:
        BucketError: see there.
    """
    from obstore.exceptions import BaseError

    try:
        yield
    except FileNotFoundError:
        raise FileNotFoundError(f"{place} is not there") from None
    except BaseError as error:
        raise BucketError(f"{place}: {without_secrets(str(error))}") from None


def without_secrets(text: str) -> str:
    """A library's message in one line, without what the environment holds of keys."""
    for name in SECRETS:
        if secret := os.environ.get(name):
            text = text.replace(secret, "***")
    return text.split("\n\n", 1)[0].strip()
