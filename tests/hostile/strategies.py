"""Inputs that Hypothesis makes: values in the form that a reader wants, of the words that it looks for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

import yaml
from google.protobuf import descriptor_pb2 as pb
from hypothesis import strategies as st

from hostile.mutations import ODD

_TOKEN = re.compile(r"[A-Za-z_$][\w$-]{0,40}|\d+|\s+|[^\w\s]")
_MOST_WORDS = 300

Words = Sequence[str]
Form = Callable[[Sequence[bytes]], st.SearchStrategy[bytes]]
"""Seeds -> inputs."""


def _words(seeds: Sequence[bytes]) -> list[str]:
    text = b"\n".join(seeds).decode("utf-8", "replace")
    return sorted(dict.fromkeys(_TOKEN.findall(text)))[:: max(1, len(text) // 400_000)][:_MOST_WORDS] or ["a"]


def _trees(seeds: Sequence[bytes]) -> st.SearchStrategy[object]:
    words = [word for word in _words(seeds) if word.strip() and word.isprintable()] or ["a"]
    text = st.sampled_from(words) | st.text(max_size=8)
    leaves = (
        st.none()
        | st.booleans()
        | st.integers(-(2**70), 2**70)
        | st.floats()
        | text
        | st.sampled_from(["#/a", "${A}", "{{ .Values.a }}", "../a", "http://a:80/{b}", "a.b/c"])
    )
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=5),
        max_leaves=25,
    )


def documents(seeds: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """JSON, which is YAML as well, and YAML in blocks."""

    def as_json(value: object) -> bytes:
        return json.dumps(value).encode()

    def as_yaml(value: object) -> bytes:
        return yaml.safe_dump(value, allow_unicode=True).encode("utf-8", "replace")

    values = _trees(seeds)
    return (
        values.map(as_json)
        | values.map(as_yaml)
        | st.lists(values, max_size=3).map(lambda many: b"---\n".join(map(as_yaml, many)))
    )


def code(seeds: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Words and signs of the seeds in any order."""
    tokens = st.sampled_from(_words(seeds)) | st.sampled_from(
        [one.decode("utf-8", "surrogateescape") for one in ODD]
    )
    return st.lists(tokens, max_size=60).map(lambda many: "".join(many).encode("utf-8", "surrogateescape"))


def raw(seeds: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Any bytes, and pieces of the seeds."""
    pieces = st.sampled_from(list(seeds)).flatmap(
        lambda data: st.tuples(st.integers(0, len(data)), st.integers(0, len(data))).map(
            lambda ends: data[min(ends) : max(ends)]
        )
    )
    return st.lists(st.binary(max_size=60) | pieces, max_size=4).map(b"".join)


def descriptors(seeds: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Images of files that no compiler would let pass: any names, numbers and types."""
    names = st.sampled_from(["a", "A", "a.b", ".a.B", "", "a/b.proto", "é", "x" * 300, "MapEntry", "a\nb"])
    numbers = st.integers(-(2**31), 2**31 - 1)
    fields = st.builds(
        lambda name, number, kind, label, type_name, oneof: pb.FieldDescriptorProto(
            name=name, number=number, type=kind, label=label, type_name=type_name, oneof_index=oneof
        ),
        *(names, numbers, st.integers(1, 18), st.integers(1, 3), names, numbers),
    )
    messages = st.recursive(
        st.builds(
            lambda name, many: pb.DescriptorProto(name=name, field=many), names, st.lists(fields, max_size=3)
        ),
        lambda inner: st.builds(
            lambda name, nested, entry: pb.DescriptorProto(
                name=name, nested_type=nested, options=pb.MessageOptions(map_entry=entry)
            ),
            *(names, st.lists(inner, max_size=3), st.booleans()),
        ),
        max_leaves=6,
    )
    paths = st.lists(st.integers(-1, 9), max_size=6)
    places = st.builds(
        lambda path, span: pb.SourceCodeInfo.Location(path=path, span=span),
        *(paths, st.lists(st.integers(-1, 5), max_size=5)),
    )
    every = st.builds(
        lambda name, package, depends, many, public, found: pb.FileDescriptorSet(
            file=[
                pb.FileDescriptorProto(
                    name=name,
                    package=package,
                    dependency=depends,
                    message_type=many,
                    public_dependency=public,
                    source_code_info=pb.SourceCodeInfo(location=found),
                )
            ]
        ).SerializeToString(),
        *(names, names, st.lists(names, max_size=2), st.lists(messages, max_size=3)),
        *(st.lists(numbers, max_size=2), st.lists(places, max_size=4)),
    )
    return every | raw(seeds)
