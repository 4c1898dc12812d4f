"""Whether files can be OpenAPI descriptions or parts of one, by their names and bytes.

On the path of every commit that stages YAML or JSON, so that it loads next to nothing: it may say yes for
nothing, and says no only where nothing can be found.
"""

from __future__ import annotations

from workspai_hooks.patterns import regex

TYPE_CHECKING = False  # as in typing, which takes longer to load than all of this
if TYPE_CHECKING:
    from collections.abc import Iterable

    from workspai_hooks.tools.staged import Git, Staged

SUFFIXES = (".yaml", ".yml", ".json")
ASIDE = "/node_modules/"
"""Descriptions of what others publish: a change there is an update of a dependency."""
MARKED = regex(rb"""["']?(?:openapi|swagger)["']?[ \t]{0,20}:[ \t\r\n]{0,20}["']?([0-9.]{1,20})""")
"""A description says its version somewhere; so do many files that are none."""

_PLAIN_NAME = regex(r"[\w.-]+")
_MOST_NAMES = 50
_PATHS = tuple(f":(top)*{suffix}" for suffix in SUFFIXES)


def may_be(path: str) -> bool:
    """Whether a file can hold a description or a part of one, by its name."""
    return path.endswith(SUFFIXES) and ASIDE not in f"/{path}"


def may_say(data: bytes) -> bool:
    """Whether a text can be a description or refer to a file, by its bytes."""
    return b"$ref" in data or MARKED.search(data) is not None


def may_be_described(git: Git, staged: Iterable[Staged]) -> bool:
    """Whether what a commit changes may be a description, or a part of one."""
    rows = [one for one in staged if may_be(one.path)]
    texts = git.contents(blob for one in rows for blob in (one.old, one.new))
    if any(may_say(text) for text in texts.values()):
        return True
    return bool(rows) and are_referred_to(git, {one.path.rpartition("/")[2] for one in rows})


def are_referred_to(git: Git, names: set[str]) -> bool:
    """Whether files of these names may be parts of a description: some line of the index has `$ref` and one
    of them; for odd ones, any `$ref`."""
    plain = len(names) <= _MOST_NAMES and all(map(_PLAIN_NAME.fullmatch, names))
    wanted = [word for name in sorted(names) for word in ("-e", name)] if plain else []
    both = ["-e", "$ref", *(("--and", "(", *wanted, ")") if wanted else ())]
    said = git.said("grep", "--cached", "--files-with-matches", "--fixed-strings", "-z", *both, "--", *_PATHS)
    return bool(said)
