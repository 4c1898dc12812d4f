"""Readers of sources: what makes trees of them, and what follows types through these."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import annotated

from hostile import seeds
from hostile.kept import kept
from hostile.target import Target
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.errors import UndecidedError
from workspai_hooks.stubs.recognise import generated, made_by
from workspai_hooks.workspace.http.gather import find_facts
from workspai_hooks.workspace.http.generated import is_client, is_library
from workspai_hooks.workspace.http.languages import HTTP_LANGUAGES, HttpLanguage
from workspai_hooks.workspace.mentions import find_mentions
from workspai_hooks.workspace.use_sites.gather import find_everything
from workspai_hooks.workspace.use_sites.languages import LANGUAGES, Language, is_generated, stub_of
from workspai_hooks.workspace.use_sites.syntax import UnparsableError
from workspai_hooks.workspace.use_sites.vocabulary import Vocabulary

WORDS = Vocabulary(frozenset({b"Cart", b"items"}), frozenset({b"user_id"}))


def _module(language: Language) -> str:
    return f"test_use_sites_{language.name.replace('-', '_').replace('go_template', 'go_templates')}"


def _seeds(language: Language) -> Callable[[], Sequence[bytes]]:
    def read() -> Sequence[bytes]:
        name = language.name.removeprefix("http-")
        known = {
            "go-template": "go_templates",
            "erb": "ruby",
            "eex": "elixir",
            "java": "j*",
            "markup": "markup",
        }
        word = known.get(name, name)
        family = seeds.texts(f"test_use_sites_{word}", f"test_http_{word}")
        return (*seeds.files(*language.suffixes[:3]), *family) or seeds.texts("test_http_*")

    return read


def lowered(language: Language, data: bytes) -> None:
    path = f"a/x{language.suffixes[0]}"
    language.fits(data)
    is_generated(path, data)
    stub_of(path, data)
    generated(data, path)
    made_by(data, path)
    is_client(path, data)
    is_library(path, data)
    worker = language.worker
    worker.glance(path, data, WORDS)
    kept(worker.lower(data))


def followed(language: Language, data: bytes) -> None:
    """What following types through a source gives, beside a contract and a file of the same language."""
    path = f"a/x{language.suffixes[0]}"
    snapshot = Snapshot.of({annotated.PATH: annotated.PROTO, path: data})
    kept(find_everything(snapshot, annotated.schema()))
    find_mentions(snapshot, [path], ["shop.cart_api.v1.Cart.items"])


def requested(language: HttpLanguage, data: bytes) -> None:
    path = f"a/x{language.suffixes[0]}"
    marks = b" ".join(language.requests[:2])
    find_facts(Snapshot.of({path: data + b"\n" + marks}), [path])


TARGETS = (
    *(
        Target(f"trees: {one.name}", partial(lowered, one), _seeds(one), refuses=(UnparsableError,))
        for one in LANGUAGES
    ),
    *(
        Target(
            f"uses: {one.name}", partial(followed, one), _seeds(one), refuses=(UndecidedError,), weight=0.6
        )
        for one in LANGUAGES
    ),
    *(
        Target(
            f"trees: {one.name}", partial(lowered, one), _seeds(one), refuses=(UnparsableError,), weight=0.7
        )
        for one in HTTP_LANGUAGES
    ),
    *(
        Target(
            f"requests: {one.name}",
            partial(requested, one),
            _seeds(one),
            refuses=(UndecidedError,),
            weight=0.6,
        )
        for one in HTTP_LANGUAGES
    ),
)
