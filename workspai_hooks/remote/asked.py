"""What the user asks for, in the environment alone: no file of a repository can send us anywhere."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from workspai_hooks.disclosure import address
from workspai_hooks.errors import UsageError
from workspai_hooks.kept.behind import URL

KEY = "WORKSPAI_CACHE_KEY"
WRITE = "WORKSPAI_CACHE_WRITE"
LEAST_OF_A_KEY = 16
"""Characters: a shorter one can be guessed by who has read a pack."""
SCHEMES = ("file", "https", "s3", "gs", "az")
_YES, _NO = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")


class Asked(msgspec.Struct, frozen=True):
    """A store by its URL, the key that packs are signed with (empty: they are not), and whether the user
    wants it written where nothing else says so."""

    url: str
    key: bytes = b""
    write: bool = False

    @property
    def address(self) -> str:
        """The URL as it may be told."""
        return address(self.url)


def asked(env: Mapping[str, str] = os.environ) -> Asked | None:
    """What is asked for; None where nothing is. `UsageError` where that can't be meant."""
    url, key, write = (env.get(name, "").strip() for name in (URL, KEY, WRITE))
    if not url:
        return None
    scheme = urlsplit(url).scheme.lower()
    if scheme not in SCHEMES:
        known = ", ".join(f"{one}://" for one in SCHEMES)
        raise UsageError(f"{URL}={address(url)}: an address begins with one of {known}")
    if scheme == "file" and urlsplit(url).netloc not in ("", "localhost"):
        raise UsageError(f"{URL}={address(url)}: a folder is file:///path, with three slashes")
    if key and len(key) < LEAST_OF_A_KEY:
        raise UsageError(f"{KEY} is too short: take at least {LEAST_OF_A_KEY} characters")
    if write.lower() not in (*_YES, *_NO):
        raise UsageError(f"{WRITE}={write}: say 1 or 0")
    return Asked(url, key.encode("utf-8", "surrogateescape"), write.lower() in _YES)
