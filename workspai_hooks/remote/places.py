"""Where packs are kept: a folder that machines share, or an object store that obstore speaks to.

obstore is an extra (`workspai-hooks[remote]`), imported where a URL asks for it. Credentials are its affair:
it takes them from the environment and from the machine (docs/cache.md). No message quotes what it says.
"""

from __future__ import annotations

import os
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit
from urllib.request import url2pathname

import msgspec

from workspai_hooks import __version__

if TYPE_CHECKING:
    from obstore.store import ObjectStore

CONNECT_S, SILENCE_S = 3.0, 5.0
"""A store that does not answer, or stops in the middle."""
PULL_S, PUSH_S = 20.0, 120.0
"""All of an answer, however slowly it drips."""
_CHUNK = 1 << 20


class Found(msgspec.Struct, frozen=True):
    """An object, and what the store calls this state of it; without data it is as it was."""

    data: bytes | None
    tag: str


class PlaceError(Exception):
    """Why a store gave or took nothing, in our own words."""


class Place(Protocol):
    """A store."""

    def get(self, name: str, most_bytes: int, known: str) -> Found | None:
        """An object, unless it is still the state that is `known`; None where there is none. Raises
        `PlaceError`."""

    def put(self, name: str, data: bytes) -> None:
        """Write an object: all of it or nothing. Raises `PlaceError`."""


def place_of(url: str, whole_s: float) -> Place:
    """The store at a URL (as asked.py lets it pass), each of whose answers has `whole_s` seconds."""
    parts = urlsplit(url)
    if parts.scheme.lower() == "file":
        return Folder(Path(url2pathname(parts.path)))
    return _Objects(url, whole_s)


class Folder:
    """A folder, of whatever file system machines share."""

    def __init__(self, top: Path) -> None:
        self._top = top

    def get(self, name: str, most_bytes: int, known: str) -> Found | None:
        """See `Place`."""
        try:
            with (self._top / name).open("rb") as file:
                state = os.fstat(file.fileno())
                tag = f"{state.st_mtime_ns}-{state.st_size}"
                if tag == known:
                    return Found(None, tag)
                data = file.read(most_bytes + 1)
        except FileNotFoundError:
            if self._top.is_dir():
                return None
            raise PlaceError("there is no such folder") from None
        except OSError as error:
            raise PlaceError(f"can't be read: {error.strerror}") from error
        if len(data) > most_bytes:
            raise _too_large(most_bytes)
        return Found(data, tag)

    def put(self, name: str, data: bytes) -> None:
        """See `Place`. Everybody who may look into the folder may read what is put there."""
        path = self._top / name
        try:
            if not self._top.is_dir():
                raise PlaceError("there is no such folder")
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
                try:
                    file.write(data)
                    file.close()
                    os.chmod(file.name, path.parent.stat().st_mode & 0o666)
                    os.replace(file.name, path)
                except OSError:
                    os.unlink(file.name)
                    raise
        except OSError as error:
            raise PlaceError(f"can't be written: {error.strerror}") from error


class _Objects:
    """S3, Google Cloud Storage, Azure and what speaks like them; of https, what a server gives."""

    def __init__(self, url: str, whole_s: float) -> None:
        try:
            import obstore
            from obstore.store import HTTPStore, from_url
        except ImportError as error:
            why = (
                "needs obstore: pip install 'workspai-hooks[remote]' (or the hook's additional_dependencies)"
            )
            raise PlaceError(why) from error
        self._api: Any = obstore
        self._whole_s = whole_s
        try:
            self._store: ObjectStore = from_url(
                url,
                client_options={
                    "timeout": timedelta(seconds=whole_s),
                    "connect_timeout": timedelta(seconds=CONNECT_S),
                    "read_timeout": timedelta(seconds=SILENCE_S),
                    # obstore heeds this variable only where it is given no options (0.12.1)
                    "allow_http": os.environ.get("AWS_ALLOW_HTTP", "").lower() in ("1", "true"),
                    "user_agent": f"workspai-hooks/{__version__}",
                },
                retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=whole_s)},
            )
        except Exception as error:  # obstore's own classes and what Python raises for a wrong value
            raise PlaceError("is no address that obstore can use") from error
        self._is_a_server = isinstance(self._store, HTTPStore)

    def get(self, name: str, most_bytes: int, known: str) -> Found | None:
        """See `Place`."""
        until = time.monotonic() + self._whole_s
        try:
            answer = self._api.get(self._store, name, options={"if_none_match": known} if known else None)
            tag = str(answer.meta["e_tag"] or "")
            if known and tag == known:  # a store that knows no conditions
                return Found(None, tag)
            data = bytearray()
            if answer.meta["size"] > most_bytes:
                raise _too_large(most_bytes)
            for chunk in answer.stream(min_chunk_size=_CHUNK):
                data += chunk
                if len(data) > most_bytes:
                    raise _too_large(most_bytes)
                if time.monotonic() > until:
                    raise PlaceError(f"was not done within {self._whole_s:g} s")
        except FileNotFoundError:
            return None
        except self._api.exceptions.NotModifiedError:
            return Found(None, known)
        except (self._api.exceptions.BaseError, OSError, ValueError) as error:
            raise self._told(error) from error
        return Found(bytes(data), tag)

    def put(self, name: str, data: bytes) -> None:
        """See `Place`."""
        if self._is_a_server:
            raise PlaceError(
                "is only read: write where the server has its files from, by s3://, gs:// or az://"
            )
        try:
            self._api.put(self._store, name, data, use_multipart=False)
        except (self._api.exceptions.BaseError, OSError, ValueError) as error:
            raise self._told(error) from error

    def _told(self, error: Exception) -> PlaceError:
        known = self._api.exceptions
        if isinstance(error, known.PermissionDeniedError | known.UnauthenticatedError):
            return PlaceError("lets nobody in with these credentials")
        return PlaceError("gave no answer that can be used: it is down, out of reach or slow, or broke off")


def _too_large(most_bytes: int) -> PlaceError:
    return PlaceError(f"what is there has more than {most_bytes >> 20} MiB")
