"""Whether a commit may change a contract that is a document: an OpenAPI description, a chart, a manifest.

As changes/glance.py, on the path of many commits: it may say yes for nothing, and says no only where there
can be none. Configuration in YAML and JSON is everywhere, so that a name alone tells little; and charts and
kustomizations read files of any name.
"""

from __future__ import annotations

from workspai_hooks.contract_files import HOMES, LFS_MARK, is_document
from workspai_hooks.tools.staged import Git, Staged

MARKS = (b"openapi", b"swagger", b"apiVersion")
"""Stand in every OpenAPI description (OpenAPI 3.1, 4.8.1: `openapi`; 2.0: `swagger`) and every manifest of
Kubernetes, Chart.yaml and kustomization."""
MOST_FILES = 1000
"""Above so many files outside of all charts nobody looks where they belong: the commit is large anyway."""


def may_be_contracts(git: Git, staged: list[Staged]) -> bool:
    """`staged` is what the commit changes. What git does not say is worth a look."""
    documents = [one for one in staged if is_document(one.path)]
    lists = git.may_list(HOMES)
    if not documents and not lists:
        return False
    if any(one.path.rpartition("/")[2] in HOMES for one in documents):
        return True
    try:
        texts = git.contents(blob for one in documents for blob in (one.old, one.new))
        if any(mark in text for text in texts.values() for mark in (*MARKS, LFS_MARK)):
            return True
        return _is_part(git, documents) or (lists and _is_deployed(git, staged))
    except (OSError, ValueError):
        return True


def _is_part(git: Git, documents: list[Staged]) -> bool:
    """Whether one of them may be a part of a description, which takes in any file by a `$ref`."""
    if not documents:
        return False
    from workspai_hooks.changes.described import are_referred_to, may_be

    names = {one.path.rpartition("/")[2] for one in documents if may_be(one.path)}
    return bool(names) and are_referred_to(git, names)


def _is_deployed(git: Git, staged: list[Staged]) -> bool:
    """Whether a chart or a kustomization may read one of them, or be installed by it or with it."""
    from workspai_hooks.changes.deployed import HINTS, INSTALLERS, Homes, may_be_values, may_install

    if len(staged) > MOST_FILES:
        return True
    homes = Homes(git.listed(HOMES))
    scripts = [one for one in staged if homes.charts and one.path.endswith(INSTALLERS)]
    blobs = {one.path: (one.old, one.new) for one in scripts}
    texts = git.contents([*homes.read(), *(blob for pair in blobs.values() for blob in pair)])
    if homes.inputs([one.path for one in staged], lambda _: texts):
        return True
    for path, pair in blobs.items():
        if may_install(path, [texts[blob] for blob in pair if blob in texts]):
            return True
    if not homes.charts or not any(may_be_values(one.path) for one in staged):
        return False
    hints = [word for hint in HINTS for word in ("-e", hint.decode())]
    places = [f":(top)*{suffix}" for suffix in INSTALLERS]
    return bool(git.said("grep", "--cached", "-l", "--fixed-strings", "-z", *hints, "--", *places))
