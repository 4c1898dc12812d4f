"""Which commit a head is compared with, by what was asked: flags, a push, CI, or the default branch."""

from __future__ import annotations

import os

from workspai_hooks.changes.base import DEFAULT, Base, UnrelatedError, find_base
from workspai_hooks.changes.documents import MARKS
from workspai_hooks.changes.head import Head, committed_head
from workspai_hooks.changes.pushes import replaced
from workspai_hooks.contract_files import CONTRACT_SUFFIXES, DOCUMENT_SUFFIXES, is_document
from workspai_hooks.errors import UndecidedError
from workspai_hooks.inspection.request import Request
from workspai_hooks.tools.git import Repository


def base_of(
    repository: Repository, head: Head, request: Request, default_branch: str | None, wanted: str
) -> Base:
    """What a head is compared with; `wanted` as `find_base` takes it.

    Where nobody named one and there has never been a contract, the question does not matter.
    """
    if request.old is not None:
        return Base(committed_head(repository, request.old, "--from").tips[0], "--from")
    if wanted != DEFAULT:
        return find_base(repository, head.tips, wanted=wanted, default_branch=default_branch)
    try:
        if request.stage == "ci":
            from workspai_hooks.changes.ci import ci_base

            return ci_base(repository, head.tips[0], os.environ, default_branch)
        known = replaced(repository, head.pushed, default_branch) if head.pushed else None
        return known or find_base(repository, head.tips, wanted=None, default_branch=default_branch)
    except UnrelatedError:
        if _has_contracts(head):
            raise
        return Base(None, "a history of its own without contracts")  # gh-pages and the like
    except UndecidedError:
        if repository.is_shallow() or _had_contracts(repository, head):
            raise
        return Base(None, "a history without contracts")


def _has_contracts(head: Head) -> bool:
    documents = [path for path in head.snapshot.paths() if is_document(path)]
    texts = head.snapshot.read_many(documents).values()
    return bool(head.snapshot.paths(*CONTRACT_SUFFIXES)) or any(m in text for text in texts for m in MARKS)


def _had_contracts(repository: Repository, head: Head) -> bool:
    """Whether `head` or anything before it has a contract; what it deletes would not be seen otherwise."""
    if _has_contracts(head):
        return True
    protobuf = [f"*{suffix}" for suffix in CONTRACT_SUFFIXES]
    documents = [f"*{suffix}" for suffix in DOCUMENT_SUFFIXES]
    words = "|".join(mark.decode() for mark in MARKS)
    return bool(head.tips) and (
        repository.ever_changed(head.tips, protobuf) or repository.ever_changed(head.tips, documents, words)
    )
