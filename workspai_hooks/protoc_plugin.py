"""The plugin `protoc-gen-workspai`: sidecars of stubs, made where stubs are, so that `buf generate --clean`
keeps them.

    plugins:
      - local: protoc-gen-workspai
        out: gen
        opt: [lang=python, root=protos]

`lang` is python, go, typescript (ts-proto), connect or java, and may be said several times. `root` is the
folder of the contracts in the repository: with it the sidecars are those that the verb `stubs` makes, byte by
byte. `config` is the configuration, `.workspai.yaml` in the working directory where nothing is said. Other
options are those of the generators of stubs, where names depend on them (enrichment/skeletons.py).
"""

from __future__ import annotations

import posixpath
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
from google.protobuf import descriptor_pb2 as pb
from google.protobuf.compiler import plugin_pb2 as plugin
from google.protobuf.message import DecodeError

from workspai_hooks.configuration import NAME, read
from workspai_hooks.enrichment.kinds import KINDS
from workspai_hooks.enrichment.plans import messages_in, plan_of
from workspai_hooks.enrichment.rendering import render, template_text
from workspai_hooks.enrichment.sidecars import is_ours, rpcs_offered
from workspai_hooks.enrichment.skeletons import LANGUAGES, Contracts, Options
from workspai_hooks.enrichment.values import RpcService
from workspai_hooks.errors import UsageError
from workspai_hooks.resilience.said import Said
from workspai_hooks.resilience.sources.service_config import SUFFIX, from_service_config

MAX_BYTES = 1 << 20
_PLAIN = {
    "paths": "paths",
    "module": "module",
    "import_extension": "import_extension",
    "importSuffix": "import_suffix",
}
_FEATURES = (
    plugin.CodeGeneratorResponse.FEATURE_PROTO3_OPTIONAL
    | plugin.CodeGeneratorResponse.FEATURE_SUPPORTS_EDITIONS
)


class _Asked(msgspec.Struct, frozen=True):
    languages: tuple[str, ...]
    root: str
    config: str
    stubs: Options


def main() -> int:
    """Reads a request, writes a response; what is wrong with a policy is the response's error."""
    data = sys.stdin.buffer.read()
    try:
        request = plugin.CodeGeneratorRequest.FromString(data)
    except DecodeError:
        print("protoc-gen-workspai: standard input is no request of protoc or buf", file=sys.stderr)
        return 1
    sys.stdout.buffer.write(answer(request).SerializeToString(deterministic=True))
    return 0


def answer(request: plugin.CodeGeneratorRequest) -> plugin.CodeGeneratorResponse:
    """The sidecars of a request's contracts, each once."""
    response = plugin.CodeGeneratorResponse(supported_features=_FEATURES)
    response.minimum_edition, response.maximum_edition = pb.EDITION_PROTO2, pb.EDITION_2024
    try:
        for path, text in sorted(dict(_sidecars(request, _asked(request.parameter))).items()):
            response.file.add(name=path, content=text)
    except UsageError as error:
        del response.file[:]
        response.error = str(error)
    return response


def _asked(parameter: str) -> _Asked:
    values: dict[str, str | bool] = {}
    languages, root, config = [], "", ""
    for option in filter(None, parameter.split(",")):
        key, _, value = option.partition("=")
        if key == "lang":
            languages.append(value)
        elif key == "root":
            root = value.strip("/")
        elif key == "config":
            config = value
        elif key == "snakeToCamel":
            values["snake_to_camel"] = value != "false"
        elif key in _PLAIN:
            values[_PLAIN[key]] = value
        else:
            known = ", ".join(("lang", "root", "config", *_PLAIN, "snakeToCamel"))
            raise UsageError(f"unknown option {key}; known: {known}")
    wrong = [one for one in languages if one not in LANGUAGES]
    if wrong or not languages:
        told = f"lang={wrong[0]}" if wrong else "lang is missing"
        raise UsageError(f"{told}: say one or several of {', '.join(f'lang={one}' for one in LANGUAGES)}")
    return _Asked(tuple(dict.fromkeys(languages)), root, config, msgspec.convert(values, Options))


def _sidecars(request: plugin.CodeGeneratorRequest, asked: _Asked) -> Iterator[tuple[str, str]]:
    files = {file.name: file for file in request.proto_file}
    contracts, messages = Contracts(files), messages_in(request.proto_file)
    said = _policies(asked.config)
    for name in request.file_to_generate:
        if name not in files:
            raise UsageError(f"the request does not have {name}")
        file = files[name]
        if not file.service:
            continue
        contract = posixpath.join(asked.root, name)
        folder = posixpath.dirname(contract)
        offered = rpcs_offered(contract, file, said, {folder: tuple(_by_hand(folder))}, messages)
        if offered.refused:
            told = (f"{one.location}: {one.operation}: {one.why}" for one in offered.refused)
            raise UsageError("; ".join(told))
        for language in asked.languages:
            generator, skeleton = LANGUAGES[language]
            for stub, text in skeleton(file, contracts, asked.stubs):
                mine = tuple(one for one in offered.services if one.rpcs and _is_in(one, stub, language))
                for kind in KINDS:
                    facts = kind.facts(stub, text.encode()) if kind.generator == generator else None
                    if facts is None or not any(one.unary for one in mine):
                        continue
                    for path, template in kind.outputs(stub, facts).items():
                        text_of = template_text(template)
                        plan = plan_of(kind, stub, offered, mine, facts, text_of)
                        yield path, render(template, plan)


def _is_in(service: RpcService, stub: str, language: str) -> bool:
    """Whether a stub is a service's: Java has a file for each."""
    return language != "java" or posixpath.basename(stub) == f"{service.name}Grpc.java"


def _policies(config: str) -> tuple[Said, ...]:
    path = Path(config or NAME)
    if not config and not path.is_file():
        return ()
    return read(_bytes(path)).policies


def _by_hand(folder: str) -> Iterator[Said]:
    """Service configs that people wrote beside the contracts; the working directory is the repository."""
    for path in sorted(Path(folder or ".").glob(f"*{SUFFIX}")):
        data = _bytes(path)
        if not is_ours(data):
            yield from from_service_config(path.as_posix(), data)


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path}: can't be read: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise UsageError(f"{path}: is larger than {MAX_BYTES >> 20} MB")
    return data


if __name__ == "__main__":
    raise SystemExit(main())
