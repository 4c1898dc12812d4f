"""What generators of stubs write of a contract's services, as far as kinds of sidecars look at it.

A plugin of protoc is given descriptors, not what the other plugins write at the same time. So each language
here gives the stub's path and the lines of it that the kind's `facts` reads, by the generators' own rules of
naming; tests/stubs/test_protoc_plugin.py compares the sidecars with those of the real stubs, byte by byte.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping

import msgspec
from google.protobuf import descriptor_pb2 as pb

from workspai_hooks.enrichment.filters import go_name
from workspai_hooks.errors import UsageError

_RESERVED = frozenset(
    """break case catch class const continue debugger default delete do else enum export extends
    false finally for function if import in instanceof new null return super switch this throw
    true try typeof var void while with yield implements interface let package private protected
    public static Object bigint number boolean string object globalThis Uint8Array Partial""".split()  # noqa: SIM905  shorter so
)
"""protoc-gen-es: protoplugin's safeIdentifier."""
_GO_KEYWORDS = frozenset(
    """break case chan const continue default defer else fallthrough for func go goto if import interface map
    package range return select struct switch type var""".split()  # noqa: SIM905  shorter so
)


class Options(msgspec.Struct, frozen=True):
    """What stubs depend on and a plugin is told, by the names that the generators' own options have:
    `paths=source_relative` and `module=` of Go's, `import_extension=` of protoc-gen-es, `importSuffix=` and
    `snakeToCamel=false` of ts-proto."""

    paths: str = "import"
    module: str = ""
    import_extension: str = ""
    import_suffix: str = ""
    snake_to_camel: bool = True


class Contracts:
    """All files of a request: where each message is declared."""

    def __init__(self, files: Mapping[str, pb.FileDescriptorProto]) -> None:
        self.files = files
        self.homes: dict[str, tuple[pb.FileDescriptorProto, tuple[str, ...]]] = {}
        """Full name with its leading dot -> its file, its names from the outermost message on."""
        for file in files.values():
            prefix = f".{file.package}." if file.package else "."
            waiting: list[tuple[str, tuple[str, ...], pb.DescriptorProto]] = [
                (prefix, (), message) for message in file.message_type
            ]
            while waiting:
                within, outer, message = waiting.pop()
                names = (*outer, message.name)
                self.homes[within + message.name] = file, names
                waiting += [(f"{within}{message.name}.", names, nested) for nested in message.nested_type]

    def home(self, message: str) -> tuple[pb.FileDescriptorProto, tuple[str, ...]]:
        """`UsageError` where the request lacks a file."""
        if message not in self.homes:
            raise UsageError(f"the request does not say what {message.lstrip('.')} is")
        return self.homes[message]


Skeleton = Callable[[pb.FileDescriptorProto, Contracts, Options], Iterator[tuple[str, str]]]


def _full(file: pb.FileDescriptorProto, service: pb.ServiceDescriptorProto) -> str:
    return f"{file.package}.{service.name}" if file.package else service.name


def python(file: pb.FileDescriptorProto, contracts: Contracts, _: Options) -> Iterator[tuple[str, str]]:
    """grpc_tools' `*_pb2_grpc.py`."""
    own = _python_module(file.name)
    imports: set[str] = set()
    lines: list[str] = []
    for service in file.service:
        lines.append(f"class {service.name}Stub(object):")
        for method in service.method:
            for message in (method.input_type, method.output_type):
                imports.add(_python_import(_python_module(contracts.home(message)[0].name)))
            if method.client_streaming or method.server_streaming:
                continue
            home, names = contracts.home(method.input_type)
            request = f"{_python_alias(_python_module(home.name))}.{'.'.join(names)}"
            lines += [
                f"        self.{method.name} = channel.unary_unary(",
                f"                '/{_full(file, service)}/{method.name}',",
                f"                request_serializer={request}.SerializeToString,",
            ]
        lines.append(f"class {service.name}Servicer(object):")
    yield f"{own.replace('.', '/')}_grpc.py", "\n".join([*sorted(imports), *lines, ""])


def _python_module(proto: str) -> str:
    return proto.removesuffix(".proto").replace("-", "_").replace("/", ".") + "_pb2"


def _python_alias(module: str) -> str:
    return module.replace("_", "__").replace(".", "_dot_")


def _python_import(module: str) -> str:
    package, _, name = module.rpartition(".")
    return f"{f'from {package} ' if package else ''}import {name} as {_python_alias(module)}"


def go(file: pb.FileDescriptorProto, contracts: Contracts, options: Options) -> Iterator[tuple[str, str]]:
    """protoc-gen-go-grpc's `*_grpc.pb.go`."""
    path, package = _go_package(file)
    imports: dict[str, str] = {}
    lines: list[str] = []
    constants: list[str] = []
    for service in file.service:
        name = go_name(service.name)
        client = name[:1].lower() + name[1:] + "Client"
        lines += [
            f"func New{name}Client(cc grpc.ClientConnInterface) {name}Client {{",
            f"\treturn &{client}{{cc}}",
            "}",
        ]
        for method in service.method:
            request = _go_type(contracts, method.input_type, path, imports)
            answer = _go_type(contracts, method.output_type, path, imports)
            if method.client_streaming or method.server_streaming:
                continue
            constant = f"{name}_{go_name(method.name)}_FullMethodName"
            constants.append(f'\t{constant} = "/{_full(file, service)}/{method.name}"')
            lines += [
                f"func (c *{client}) {go_name(method.name)}(ctx context.Context, in *{request}, "
                f"opts ...grpc.CallOption) (*{answer}, error) {{",
                f"\terr := c.cc.Invoke(ctx, {constant}, in, out, cOpts...)",
                "}",
            ]
    rows = [f'\t{alias} "{where}"' for where, alias in sorted(imports.items(), key=lambda row: row[1])]
    head = [f"package {package}", "", "import (", *rows, ")", "", "const (", *constants, ")", ""]
    stem = file.name.removesuffix(".proto")
    if options.paths != "source_relative":
        stem = posixpath.join(path, posixpath.basename(stem))
        if options.module and not stem.startswith(f"{options.module}/"):
            raise UsageError(f"{file.name}: go_package {path} is not below module={options.module}")
        stem = stem.removeprefix(f"{options.module}/") if options.module else stem
    yield f"{stem}_grpc.pb.go", "\n".join([*head, *lines, ""])


def _go_package(file: pb.FileDescriptorProto) -> tuple[str, str]:
    """The import path and the name of the package."""
    path, _, name = file.options.go_package.partition(";")
    if not path:
        raise UsageError(f"{file.name}: lang=go: go_package is not set (buf: managed mode sets it)")
    return path, _go_identifier(name or path.rpartition("/")[2])


def _go_identifier(text: str) -> str:
    cleaned = "".join(one if one.isalnum() else "_" for one in text)
    return f"_{cleaned}" if cleaned[:1].isdigit() or cleaned in _GO_KEYWORDS else cleaned


def _go_type(contracts: Contracts, message: str, own: str, imports: dict[str, str]) -> str:
    """A type as protogen qualifies it: by the last part of the import path, numbered where that is taken."""
    home, names = contracts.home(message)
    path, _ = _go_package(home)
    name = "_".join(go_name(one) for one in names)
    if path == own:
        return name
    plain = _go_identifier(path.rpartition("/")[2])
    if path not in imports:
        taken = {"context", "grpc", *imports.values()}
        numbered = (f"{plain}{number or ''}" for number in range(len(taken) + 1))
        imports[path] = next(one for one in numbered if one not in taken)
    return f"{imports[path]}.{name}"


def typescript(file: pb.FileDescriptorProto, _: Contracts, options: Options) -> Iterator[tuple[str, str]]:
    """ts-proto's stub for grpc-js."""
    lines = ["makeGenericClientConstructor"]
    if file.dependency:
        lines.append(f'import {{ One }} from "./one{options.import_suffix}";')
    if not options.snake_to_camel:
        names = (field.name for message in file.message_type for field in message.field)
        lines += [f"  {name}: string;" for name in names if "_" in name]
    for service in file.service:
        lines.append(f"export const {service.name}Service = {{")
        for method in service.method:
            lines += [
                f"  {_mixed_lower(method.name)}: {{",
                f'    path: "/{_full(file, service)}/{method.name}",',
                "  },",
            ]
        lines.append("}")
    yield f"{file.name.removesuffix('.proto')}.ts", "\n".join([*lines, ""])


def connect(file: pb.FileDescriptorProto, _: Contracts, options: Options) -> Iterator[tuple[str, str]]:
    """protoc-gen-es's stub."""
    lines = ["serviceDesc("]
    if options.import_extension:
        said = f'"import_extension={options.import_extension}"'
        lines.insert(0, f"// @generated by protoc-gen-es with parameter {said}")
        if file.dependency:
            suffix = f".{options.import_extension.lstrip('.')}"
            lines.append(f'import {{ One }} from "./one{suffix}";')
    for service in file.service:
        full = _full(file, service)
        name = f"{service.name}$" if service.name in _RESERVED else service.name
        lines += ["/**", f" * @generated from service {full}", " */", f"export const {name}: GenService<{{"]
        for method in service.method:
            local = _local(method.name)
            lines += ["  /**", f"   * @generated from rpc {full}.{method.name}", "   */", f"  {local}: {{"]
        lines.append("}>")
    yield f"{file.name.removesuffix('.proto')}_pb.ts", "\n".join([*lines, ""])


def _local(name: str) -> str:
    """protobuf-es: the first letter small; names that every object has get a dollar."""
    made = name[:1].lower() + name[1:]
    return f"{made}$" if made in ("constructor", "toString", "toJSON", "valueOf") else made


def java(file: pb.FileDescriptorProto, _: Contracts, __: Options) -> Iterator[tuple[str, str]]:
    """grpc-java's `*Grpc.java`, one a service."""
    package = file.options.java_package or file.package
    for service in file.service:
        lines = [f"package {package};"] if package else []
        lines.append(f'  public static final String SERVICE_NAME = "{_full(file, service)}";')
        for method in service.method:
            lines += [
                f"      fullMethodName = SERVICE_NAME + '/' + \"{method.name}\",",
                f"      Answer> {_mixed_lower(f'get_{method.name}_method')}() {{",
            ]
        yield posixpath.join(package.replace(".", "/"), f"{service.name}Grpc.java"), "\n".join([*lines, ""])


def _mixed_lower(name: str) -> str:
    """The first letter small, underscores left out and what follows them capital: ts-proto, grpc-java."""
    first, *rest = name.split("_")
    return first[:1].lower() + first[1:] + "".join(part[:1].upper() + part[1:] for part in rest)


LANGUAGES: Mapping[str, tuple[str, Skeleton]] = {
    "python": ("grpc-python", python),
    "go": ("protoc-gen-go-grpc", go),
    "typescript": ("ts-proto", typescript),
    "connect": ("protoc-gen-es", connect),
    "java": ("grpc-java", java),
}
"""By `lang`: the generator whose kinds of sidecars there are, and what it writes."""
