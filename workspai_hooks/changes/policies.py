"""Whether a commit may change a timeout, a retry, or what environments differ in: a glance at what it stages.

As changes/documents.py, on the path of many commits: it may say yes for nothing. A no is certain of files
that configure something. Of sources the lines that differ are looked at: a new call without a deadline has no
word of its own, and is found when it is pushed, or by `resilience`.
"""

from __future__ import annotations

from workspai_hooks.contract_files import LFS_MARK, SETTING_SUFFIXES, SOURCE_SUFFIXES
from workspai_hooks.tools.staged import Git, Staged

CONFIGURATION = (".workspai.yaml", ".workspai/approvals.yaml", ".workspai/baseline.yaml")
ENVIRONMENTS = ("compose", "dockerfile", "containerfile", "devcontainer.json", "tiltfile", "skaffold.")
"""Beginnings of names of files that say what runs where, and `docker-compose`, `app.Dockerfile`."""
WORDS = (
    *(b"imeout", b"TIMEOUT", b"etry", b"RETRY", b"etries", b"RETRIES", b"eadline", b"DEADLINE", b"ackoff"),
    *(b"Attempts", b"ATTEMPTS", b"methodConfig", b"ircuit", b"utlier", b"erviceConfig", b"service_config"),
    *(b"VirtualService", b"istio-injection", b"istio.io/", b"next-upstream", b"irtual_hosts", b"irtualHosts"),
)
"""One of these stands in all that sets a policy, or after which a mesh does what nobody wrote."""


def may_be_policies(git: Git, staged: list[Staged]) -> bool:
    """`staged` is what the commit changes. What git does not say is worth a look."""
    if any(one.path in CONFIGURATION or _is_environment(one.path) for one in staged):
        return True
    rows = [one for one in staged if one.path.endswith((*SETTING_SUFFIXES, *SOURCE_SUFFIXES))]
    if not rows:
        return False
    try:
        texts = git.contents(blob for one in rows for blob in (one.old, one.new))
    except (OSError, ValueError):
        return True
    return any(says(one.path, texts.get(one.old, b""), texts.get(one.new, b"")) for one in rows)


def _is_environment(path: str) -> bool:
    name = path.rpartition("/")[2].lower()
    return name.startswith((*ENVIRONMENTS, "docker-compose")) or name.endswith((".dockerfile", ".tiltfile"))


def says(path: str, old: bytes, new: bytes) -> bool:
    """Whether one of the words stands in what configures, or in a line of a source that differs."""
    if not any(word in text for text in (old, new) for word in (*WORDS, LFS_MARK)):
        return False
    if not path.endswith(SOURCE_SUFFIXES) or LFS_MARK in old or LFS_MARK in new:
        return True
    lines = set(old.splitlines()) ^ set(new.splitlines())
    return any(word in line for line in lines for word in WORDS)
