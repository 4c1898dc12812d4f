"""Whether a commit may change a contract that is a document: an OpenAPI description, a chart, a manifest.

As changes/glance.py, on the path of many commits: it may say yes for nothing, and says no only where there
can be none. Configuration in YAML and JSON is everywhere, so that a name alone tells little.
"""

from __future__ import annotations

from posixpath import dirname, join

from workspai_hooks.changes.described import are_referred_to, may_be
from workspai_hooks.contract_files import is_document
from workspai_hooks.tools.staged import Git, Staged

MARKS = (b"openapi", b"swagger", b"apiVersion")
"""Stand in every OpenAPI description (OpenAPI 3.1, 4.8.1: `openapi`; 2.0: `swagger`) and every manifest of
Kubernetes, Chart.yaml and kustomization."""
HOMES = ("Chart.yaml", "kustomization.yaml", "kustomization.yml", "Kustomization")
"""What a folder of theirs has: files beside or below it are read by it, whatever they are called."""
MOST_FOLDERS = 1000
"""Above so many folders git is not asked: the commit is large anyway."""
_CHARTS = (":(top)*Chart.yaml",)


def may_be_contracts(git: Git, staged: list[Staged]) -> bool:
    """`staged` is what the commit changes. What git does not say is worth a look."""
    documents = [one for one in staged if is_document(one.path)]
    if not documents:
        return False
    try:
        texts = git.contents(blob for one in documents for blob in (one.old, one.new))
        if any(mark in text for text in texts.values() for mark in MARKS):
            return True
        return _has_home(git, documents) or _is_part(git, documents) or _sets_values(git, documents)
    except (OSError, ValueError):
        return True


def _has_home(git: Git, documents: list[Staged]) -> bool:
    """Whether a folder above one of them is a chart or has a kustomization."""
    folders = {""}
    for one in documents:
        folder = dirname(one.path)
        while folder:
            folders.add(folder)
            folder = dirname(folder)
    if len(folders) > MOST_FOLDERS:
        return True
    homes = [f":(top,literal){join(folder, name)}" for folder in sorted(folders) for name in HOMES]
    return bool(git.said("ls-files", "--cached", "-z", "--", *homes))


def _is_part(git: Git, documents: list[Staged]) -> bool:
    """Whether one of them may be a part of a description, which takes in any file by a `$ref`."""
    names = {one.path.rpartition("/")[2] for one in documents if may_be(one.path)}
    return bool(names) and are_referred_to(git, names)


def _sets_values(git: Git, documents: list[Staged]) -> bool:
    """Whether there are charts, and one of the files may hold values for them."""
    named = any("values" in one.path.rpartition("/")[2].lower() for one in documents)
    return named and bool(git.said("ls-files", "--cached", "-z", "--", *_CHARTS))
