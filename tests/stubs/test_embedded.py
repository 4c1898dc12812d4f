"""Descriptors in the forms that languages have for bytes; tests/test_stubs.py has Go's, Python's, Java's, C#'s."""

# ruff: noqa: E501  a stub is easier to read on the lines that it has

from __future__ import annotations

import base64
import time

import pytest
from google.protobuf import descriptor_pb2 as pb

from workspai_hooks.contracts.protobuf.embedded import descriptor
from workspai_hooks.stubs.methods import methods

AWKWARD = "};\n\"quoted'\\ é # #{x} $x {$y} 07 \t//*?/"


def file() -> pb.FileDescriptorProto:
    made = pb.FileDescriptorProto(
        name="shop/v1/cart.proto", package="shop.v1", edition=1000, syntax="editions"
    )
    cart = made.message_type.add(name="Cart")
    for number in range(1, 40):
        field = cart.field.add(name=f"field_{number}", number=number, type=9, label=1)
        field.default_value = AWKWARD + str(number)
    return made


RAW = file().SerializeToString()
SET = pb.FileDescriptorSet(file=[file()]).SerializeToString()
PLAIN = {10: "\\n", 34: '\\"', 92: "\\\\"}
OCTAL, HEX = "\\{:03o}", "\\x{:02x}"


def escaped(raw: bytes, other: str, **plain: str) -> str:
    """A literal's inside; `plain` gives escapes of further characters by `c` and their number."""
    known = PLAIN | {int(name[1:]): text for name, text in plain.items()}
    return "".join(known.get(byte, chr(byte) if 32 <= byte < 127 else other.format(byte)) for byte in raw)


def parts(raw: bytes, size: int = 40) -> list[bytes]:
    return [raw[start : start + size] for start in range(0, len(raw), size)]


def lines(raw: bytes, other: str) -> str:
    return "\n".join(f'    "{escaped(part, other)}"' for part in parts(raw))


BASE64 = base64.b64encode(RAW).decode()
RUBY = escaped(RAW, HEX, c35="\\#")
STUBS = {
    "cart.pb.cc": "const char descriptor_table_protodef_shop_2fv1_2fcart_2eproto[] ABSL_ATTRIBUTE_SECTION_VARIABLE(\n"
    "    protodesc_cold) = {\n" + lines(RAW, OCTAL) + "\n};\n",
    "long.pb.cc": "const char descriptor_table_protodef_cart_2eproto[] = {\n"
    + ", ".join("'" + escaped(bytes([byte]), OCTAL, c39="\\'") + "'" for byte in RAW)
    + "};\n",
    "old.pb.cc": "  ::google::protobuf::DescriptorPool::InternalAddGeneratedFile(\n"
    + lines(RAW, OCTAL)
    + ", 9);\n",
    "cart_pb.rb": f'descriptor_data = "{RUBY}"\npool.add_serialized_file(descriptor_data)\n',
    "inline_pb.rb": f'pool.add_serialized_file("{RUBY}")\n',
    "Cart.php": '$pool->internalAddGeneratedFile(\n  "'
    + escaped(SET, "\\x{:02X}", c36="\\$")
    + '"\n, true);\n',
    "Hex.php": "$pool->internalAddGeneratedFile(hex2bin(\n"
    + " .\n".join(f'"{part.hex()}"' for part in parts(SET))
    + "\n), true);\n",
    "cart.rs": "static file_descriptor_proto_data: &'static [u8] = b\"\\\n    "
    + "\\\n    ".join(escaped(part, HEX, c32="\\x20") for part in parts(RAW))
    + '\\\n";\n',
    "CartProto.scala": "  private lazy val ProtoBytes: Array[Byte] =\n"
    "      scalapb.Encoding.fromBase64(scala.collection.immutable.Seq(\n"
    f'  """{BASE64[:100]}\n  {BASE64[100:200]}""",\n  """{BASE64[200:]}"""\n      ).mkString)\n',
    "two_pb2.py": "if new:\n  D = x.Default().AddSerializedFile(b'broken')\nelse:\n"
    f"  D = x.Default().AddSerializedFile({RAW!r})\n",
    "adjacent_pb2.py": f"D = x.Default().AddSerializedFile(\n  {RAW[:90]!r}\n  {RAW[90:]!r})\n",
    "cart_pb.py": f"_DESC = file_desc(\n    {RAW!r},\n    [],\n)\n",
    "named_pb2.py": f"D = x.Default().AddSerializedFile(serialized_pb={RAW!r})\n",
}


@pytest.mark.parametrize("path", sorted(STUBS))
def test_a_descriptor_is_read(path: str) -> None:
    assert descriptor(STUBS[path].encode(), path) == file()


def test_single_quoted_php_holds_bytes_as_they_are() -> None:
    inside = SET.replace(b"\\", b"\\\\").replace(b"'", b"\\'")
    stub = b"$pool->internalAddGeneratedFile(\n    '" + inside + b"'\n, true);\n"
    assert descriptor(stub, "Cart.php") == file()


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("a_pb2.py", b"AddSerializedFile(b'" * 200_000),
        ("a_pb2.py", b"serialized_pb=" + b"'a' " * 200_000),
        ("a_pb2.py", b"AddSerializedFile(\"'" * 100_000),
        ("a.pb.cc", b"const char descriptor_table_protodef_a[] = {" * 50_000),
        ("a.pb.cc", b"const char descriptor[] = {" + b"'a', " * 200_000),
        ("a_pb.rb", b'descriptor_data = "\\' * 100_000),
        ("a.php", b"->internalAddGeneratedFile(hex2bin('0a'" * 50_000),
        ("a.php", b"->internalAddGeneratedFile(" + b"'\\" * 100_000),
        ("a.rs", b"file_descriptor_proto_data: &'static [u8] = b\"" * 50_000),
        ("a.scala", b'Encoding.fromBase64(Seq("""' + b"A \n" * 200_000),
        ("a.scala", b"Encoding.fromBase64(" + b" " * 500_000),
        ("A.java", b'descriptorData = {"' + b"\\" * 500_001),
    ],
)
def test_hostile_stubs_give_nothing_in_bounded_time(path: str, data: bytes) -> None:
    start = time.perf_counter()
    assert descriptor(data, path) is None
    assert time.perf_counter() - start < 3


METHODS = [
    'const Carts_Get_FullMethodName = "/shop.v1.Carts/Get"\n"/shop.v1.Carts/Watch"',
    "'/twirp/shop.v1.Carts/Get' '/shop.v1.Carts/Watch'",
    'export const CartsServiceName = "shop.v1.Carts";\n'
    'this.rpc.request(this.service, "Get", data); this.rpc.serverStreamingRequest(this.service, "Watch", data);',
    'export const CartsDefinition = {\n  name: "Carts",\n  fullName: "shop.v1.Carts",\n  methods: {\n'
    '    get: {\n      name: "Get",\n    },\n    watch: {\n      name: "Watch",\n',
    'super("shop.v1.Cart", [{ no: 1, name: "user_id", kind: "scalar" }]);\n'
    'export const Carts = new ServiceType("shop.v1.Carts", [\n    { name: "Get", I: Cart },\n    { name: "Watch", I: Cart }',
    'public static final String SERVICE_NAME = "shop.v1.Carts";\n'
    "fullMethodName = SERVICE_NAME + '/' + \"Get\", fullMethodName = SERVICE_NAME + '/' + \"Watch\"",
    'static readonly string __ServiceName = "shop.v1.Carts";\n  __ServiceName,\n  "Get",\n  __ServiceName,\n  "Watch",',
    "self.service_name = 'shop.v1.Carts'\n\n  rpc :Get, ::Cart, ::Cart\n  rpc :Watch, ::Cart, stream(::Cart)\n",
    'use GRPC.Service, name: "shop.v1.Carts", protoc_gen_elixir_version: "0.14.0"\n\n  rpc(:Get, C, C)\n  rpc :Watch, C, stream(C)\n',
]  # fmt: skip


@pytest.mark.parametrize("text", METHODS)
def test_methods_of_stubs_without_a_descriptor(text: str) -> None:
    assert methods(text.encode()) == {"shop.v1.Carts/Get", "shop.v1.Carts/Watch"}


def test_paths_that_are_no_methods() -> None:
    assert methods(b'"/orders" "/a/b/c" "/v1/orders/{id}" name: "x"') == frozenset()


@pytest.mark.parametrize(
    "word", [b'"/a.', b"name:\n", b"ServiceName =", b"a." * 50, b"{ ", b"rpc :", b"\n", b"9"]
)
def test_hostile_texts_take_little_time(word: bytes) -> None:
    start = time.perf_counter()
    methods(word * (1_000_000 // len(word)))
    assert time.perf_counter() - start < 3
