"""Every rule of this package: id, name, severity, and its documentation in four parts.

`docs/rules.md` is generated from this table by `render_markdown`. Ids: WSP1xx protobuf, where 14x are
files and packages and 19x copies of a contract; WSP2xx uses of a contract; WSP3xx OpenAPI, whose rows are in
rules_openapi.py; WSP4xx charts and manifests, whose rows are in rules_helm.py; WSP5xx stubs (rules_stubs.py);
RTxx policies (rules_policies.py); EDxx environments that drift apart (rules_environments.py).
"""

from __future__ import annotations

import msgspec

from workspai_hooks import rules_environments, rules_helm, rules_openapi, rules_policies, rules_stubs
from workspai_hooks.findings import Severity

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE


class Rule(msgspec.Struct, frozen=True, order=True):
    """A fault. `what` it is, `why` it is bad, an `example` of it, and what to `instead` use."""

    id: str
    name: str
    severity: Severity
    contract: str
    summary: str
    what: str
    why: str
    example: str
    instead: str


def _proto(
    id: str, name: str, summary: str, why: str, example: str, instead: str, severity: Severity = ERROR
) -> Rule:
    what = f"Finds {summary}."
    return Rule(id, name, severity, "protobuf", summary, what, why, example, instead)


def _row(contract: str, row: tuple[str, str, str, str, str, str, str]) -> Rule:
    id, name, severity, summary, why, example, instead = row
    return Rule(id, name, Severity(severity), contract, summary, f"Finds {summary}.", why, example, instead)


RULES: tuple[Rule, ...] = (
    *(_row("policy", row) for row in rules_environments.ROWS),
    *(_row("policy", row) for row in rules_policies.ROWS),
    _proto(
        "WSP101",
        "field-removed",
        "a field that the merge base has and the change has not",
        "Sources that read or set it no longer build, and clients that are running get the zero value.",
        "-  int32 quantity = 2;",
        "Keep the field and mark it `deprecated`; once no consumer uses it, remove it and write "
        '`reserved 2; reserved "quantity";`.',
    ),
    _proto(
        "WSP102",
        "field-renamed",
        "a field that keeps its number and has another name",
        "Accessors in generated code and the JSON key change their name; the binary format does not.",
        "-  int32 quantity = 2;\n+  int32 count = 2;",
        "Add a field with the new name and a new number, move consumers over, then remove the old one; "
        'or set `json_name = "quantity"` where only JSON clients matter.',
    ),
    _proto(
        "WSP103",
        "field-number-changed",
        "a field that keeps its name and has another number",
        "Clients that are running use the old number: their value is lost or lands in another field.",
        "-  int32 quantity = 2;\n+  int32 quantity = 3;",
        "Keep the number. A number is never reused; renumbering needs a new message.",
    ),
    _proto(
        "WSP104",
        "field-type-changed",
        "a field whose type changed",
        "Sources that use it no longer build, and bytes written with one type are misread with the other.",
        "-  int32 quantity = 2;\n+  string quantity = 2;",
        "Add a field of the new type with a new number and deprecate the old one.",
    ),
    _proto(
        "WSP105",
        "field-cardinality-changed",
        "a field that changed between singular, optional, repeated and map",
        "Accessors change their type, and a repeated field read as a singular one keeps its last value.",
        "-  string tag = 2;\n+  repeated string tag = 2;",
        "Add a repeated field with a new number and deprecate the singular one.",
    ),
    _proto(
        "WSP106",
        "field-oneof-changed",
        "a field that moved into, out of, or between oneofs",
        "Setting one member of a oneof clears the others, so values that were sent side by side are lost; "
        "generated code changes, too.",
        "-  string email = 1;\n+  oneof contact { string email = 1; }",
        "Add a new oneof with new fields beside the old field.",
    ),
    _proto(
        "WSP107",
        "field-json-name-changed",
        "a field whose name in JSON changed",
        "JSON clients send and expect the old key.",
        '-  int32 quantity = 2;\n+  int32 quantity = 2 [json_name = "qty"];',
        "Keep the JSON name; give a new field the new one.",
    ),
    _proto(
        "WSP108",
        "field-default-changed",
        "a field whose default value changed",
        "Who sends nothing means the old default; who receives nothing reads the new one.",
        "-  optional int32 size = 1 [default = 10];\n+  optional int32 size = 1 [default = 20];",
        "Keep the default and set the value where it is sent.",
    ),
    _proto(
        "WSP109",
        "field-option-changed",
        "a field option that changes generated code or validation",
        "The accessor's type or what it accepts changes for some languages.",
        "-  int64 id = 1 [jstype = JS_STRING];\n+  int64 id = 1;",
        "Keep the option; a new field can have another one.",
    ),
    _proto(
        "WSP110",
        "required-field-added",
        "a required field that older writers don't know",
        "A message without it does not parse, and no client that is running sends it.",
        "+  required string tenant = 4;",
        "Add it as `optional` and check for it in the service.",
    ),
    _proto(
        "WSP111",
        "oneof-removed",
        "a oneof that is gone",
        "Generated code for the oneof (its case, its wrapper types) disappears.",
        "-  oneof contact { string email = 1; }",
        "Keep the oneof and deprecate its fields.",
    ),
    _proto(
        "WSP112",
        "oneof-renamed",
        "a oneof that holds the same fields under another name",
        "Generated code for the oneof (its case, its wrapper types) changes its name.",
        "-  oneof contact { string email = 1; }\n+  oneof reach { string email = 1; }",
        "Keep the name: it appears in generated code only.",
    ),
    _proto(
        "WSP113",
        "message-removed",
        "a message that is gone from its package",
        "Sources that name it no longer build.",
        "-message CartItem { … }",
        "Deprecate it, and remove it when no consumer uses it.",
    ),
    _proto(
        "WSP114",
        "message-renamed",
        "a message that lives on with the same shape under another name",
        "Sources that name it no longer build; `Any` values carry the old name.",
        "-message CartItem { … }\n+message Item { … }",
        "Keep the name, or add the new message and deprecate the old one.",
    ),
    _proto(
        "WSP115",
        "declaration-moved",
        "a message, enum or service that moved to another file of its package",
        "The wire does not change, but the module or header that generated code imports it from does.",
        "-// a.proto\n-message CartItem { … }\n+// b.proto\n+message CartItem { … }",
        "Leave it in place, or import the new file publicly from the old one.",
        NOTE,
    ),
    _proto(
        "WSP116",
        "message-option-changed",
        "a message option that changes its JSON format or its accessors",
        "JSON that was accepted is refused, or generated accessors disappear.",
        "+  option no_standard_descriptor_accessor = true;",
        "Keep the option as it was.",
    ),
    _proto(
        "WSP117",
        "extension-range-removed",
        "numbers that were open to extensions and no longer are",
        "Extensions with these numbers no longer compile.",
        "-  extensions 100 to 200;\n+  extensions 100 to 150;",
        "Keep the range.",
    ),
    _proto(
        "WSP118",
        "reserved-range-removed",
        "numbers or names that were reserved and no longer are",
        "They were reserved because someone still sends them; used again they mean two things.",
        "-  reserved 2;",
        "Keep what is reserved for as long as old messages may exist.",
    ),
    _proto(
        "WSP119",
        "extension-removed",
        "an extension that is gone",
        "Sources that read or set it no longer build.",
        "-extend Item { optional string note = 100; }",
        "Deprecate it, and remove it when no consumer uses it.",
    ),
    _proto(
        "WSP120",
        "enum-removed",
        "an enum that is gone from its package",
        "Sources that name it or its values no longer build.",
        "-enum State { … }",
        "Deprecate it, and remove it when no consumer uses it.",
    ),
    _proto(
        "WSP121",
        "enum-renamed",
        "an enum that lives on with the same values under another name",
        "Sources that name it no longer build.",
        "-enum State { … }\n+enum Status { … }",
        "Keep the name.",
    ),
    _proto(
        "WSP122",
        "enum-value-removed",
        "an enum value that is gone",
        "Sources that name it no longer build, and clients that send it by name in JSON are refused.",
        "-  STATE_PAUSED = 2;",
        "Mark the value `deprecated`; once nobody sends it, remove it and reserve its number and name.",
    ),
    _proto(
        "WSP123",
        "enum-value-renamed",
        "an enum value that keeps its number and has another name",
        "Sources that name it no longer build, and JSON carries the name.",
        "-  STATE_PAUSED = 2;\n+  STATE_HELD = 2;",
        "Add the new name as an alias (`allow_alias`) and deprecate the old one.",
    ),
    _proto(
        "WSP124",
        "enum-value-number-changed",
        "an enum value that keeps its name and has another number",
        "Clients that are running send and expect the old number.",
        "-  STATE_PAUSED = 2;\n+  STATE_PAUSED = 3;",
        "Keep the number.",
    ),
    _proto(
        "WSP125",
        "enum-type-changed",
        "an enum that changed between open and closed, or its JSON format",
        "Values that a reader does not know are kept by one kind and dropped by the other.",
        '-syntax = "proto2";\n+syntax = "proto3";',
        "Keep the enum's type: with editions, `features.enum_type` can say so.",
    ),
    _proto(
        "WSP130",
        "service-removed",
        "a service that is gone from its package",
        "Clients that are running get UNIMPLEMENTED for every call, and their next build fails.",
        "-service Orders { … }",
        "Keep serving it until no client calls it.",
    ),
    _proto(
        "WSP131",
        "service-renamed",
        "a service that lives on with the same rpcs under another name",
        "The name is part of every call's path: clients that are running get UNIMPLEMENTED.",
        "-service Orders { … }\n+service OrderDesk { … }",
        "Serve both names until no client calls the old one.",
    ),
    _proto(
        "WSP132",
        "rpc-removed",
        "an rpc that is gone from its service",
        "Clients that are running get UNIMPLEMENTED, and their next build fails.",
        "-  rpc EmptyCart(EmptyCartRequest) returns (Empty);",
        "Mark it `deprecated` and keep serving it until no client calls it.",
    ),
    _proto(
        "WSP133",
        "rpc-renamed",
        "an rpc that lives on with the same types under another name",
        "The name is part of the call's path: clients that are running get UNIMPLEMENTED.",
        "-  rpc EmptyCart(…) returns (…);\n+  rpc ClearCart(…) returns (…);",
        "Add the new rpc, serve both, and remove the old one later.",
    ),
    _proto(
        "WSP134",
        "rpc-request-type-changed",
        "an rpc that takes another message",
        "Clients that are running send the old message, and calls in source no longer build.",
        "-  rpc Get(GetRequest) returns (Cart);\n+  rpc Get(Query) returns (Cart);",
        "Add a new rpc, or new fields to the message.",
    ),
    _proto(
        "WSP135",
        "rpc-response-type-changed",
        "an rpc that returns another message",
        "Clients that are running read the old message, and calls in source no longer build.",
        "-  rpc Get(GetRequest) returns (Cart);\n+  rpc Get(GetRequest) returns (GetResponse);",
        "Add a new rpc, or new fields to the message.",
    ),
    _proto(
        "WSP136",
        "rpc-streaming-changed",
        "an rpc that changed between unary and streaming",
        "The call's form changes in every language; clients that are running fail or see one message only.",
        "-  rpc List(Query) returns (Item);\n+  rpc List(Query) returns (stream Item);",
        "Add a streaming rpc beside the unary one.",
    ),
    _proto(
        "WSP137",
        "rpc-idempotency-changed",
        "an rpc whose idempotency level changed",
        "Clients and proxies retry, cache and use GET by it.",
        "-    option idempotency_level = NO_SIDE_EFFECTS;",
        "Keep the level, or add an rpc with the other one.",
    ),
    _proto(
        "WSP140",
        "file-removed",
        "a .proto file that is gone with what it declares",
        "Sources that import it no longer build, and clients of its services get UNIMPLEMENTED.",
        "-protos/cart.proto",
        "Deprecate its content (`option deprecated = true;`) and remove it when no consumer uses it.",
    ),
    _proto(
        "WSP141",
        "file-moved",
        "a .proto file whose content lives on under another import path",
        "Nothing changes on the wire, but generated code is imported from another path in some languages.",
        "-protos/cart.proto\n+protos/shop/cart.proto",
        "Keep the path, or leave a file there that imports the new one publicly.",
        NOTE,
    ),
    _proto(
        "WSP142",
        "file-option-changed",
        "a file option that decides names in generated code",
        "Imports, namespaces or class names of generated code change.",
        '-option go_package = "example.com/cart";\n+option go_package = "example.com/shop/cart";',
        "Keep the option, or move consumers in the same change.",
    ),
    _proto(
        "WSP143",
        "file-syntax-changed",
        "a file that changed between proto2, proto3 and editions",
        "Presence of fields, closed enums and the validation of strings follow the syntax.",
        '-syntax = "proto2";\n+syntax = "proto3";',
        "Keep the syntax, or set the features that keep its behaviour.",
    ),
    _proto(
        "WSP144",
        "package-removed",
        "a package that no file declares any more",
        "All its names disappear from source, and all its services from the wire.",
        "-package shop.cart.v1;",
        "Deprecate its files, and remove them when no consumer uses them.",
    ),
    _proto(
        "WSP145",
        "package-renamed",
        "a package whose content lives on under another name",
        "The package is part of every type's name and of every call's path.",
        "-package shop.cart.v1;\n+package shop.cart.v2;",
        "Add the new package beside the old one and serve both.",
    ),
    _proto(
        "WSP146",
        "file-package-changed",
        "a file that moved to another package while its old one lives on",
        "The package is part of every type's name and of every call's path.",
        "-package shop.cart.v1;\n+package shop.cart.v2;",
        "Add a file in the new package beside the old one.",
    ),
    _proto(
        "WSP190",
        "copies-drift",
        "copies of one contract in this repository that no longer agree",
        "Each service speaks the contract of its own copy: what one sends another drops, or misreads.",
        "a/demo.proto: int32 quantity = 2;\nb/demo.proto: string quantity = 2;",
        "Change all copies together, or let all build from one file.",
        WARNING,
    ),
    _proto(
        "WSP201",
        "deprecated-element-used",
        "a service that begins to use an element which its contract marks deprecated",
        "What is deprecated is on its way out: each new use is one more to move, and delays its removal.",
        "   string title = 2 [deprecated = true];   // in the contract\n+  mail.send(book.title)",
        "Use what the contract names in its place; the finding says the contract's line.",
        WARNING,
    ),
    _proto(
        "WSP202",
        "removed-element-used",
        "a service that begins to use an element which its contract no longer has",
        "It builds against an older stub or copy only: the next regeneration fails, and providers that run "
        "drop what is sent, send nothing back, or answer UNIMPLEMENTED.",
        '   reserved 2; reserved "title";   // in the contract\n+  mail.send(book.title)',
        "Use what took its place; regenerate the stub or update the copy, so that the compiler says so, too.",
    ),
    *(_row("openapi", row) for row in rules_openapi.ROWS),
    *(_row("helm", row) for row in rules_helm.ROWS),
    *(_row("stub", row) for row in rules_stubs.ROWS),
)

BY_ID: dict[str, Rule] = {rule.id: rule for rule in RULES}
BY_NAME: dict[str, Rule] = {rule.name: rule for rule in RULES}


def find(id_or_name: str) -> Rule | None:
    """A rule by its id (any case) or its name."""
    return BY_ID.get(id_or_name.upper()) or BY_NAME.get(id_or_name.lower())


def render_markdown() -> str:
    """The content of docs/rules.md."""
    lines = [
        "# Rules",
        "",
        "Generated from `workspai_hooks/rules.py`; `workspai-hooks rules ID` prints one of them.",
        "",
    ]
    lines += ["| id | name | severity | finds |", "| --- | --- | --- | --- |"]
    lines += [
        f"| [{rule.id}](#{_anchor(rule)}) | {rule.name} | {rule.severity} | {rule.summary} |"
        for rule in RULES
    ]
    for rule in RULES:
        lines += ["", render_rule(rule)]
    return "\n".join(lines) + "\n"


def render_rule(rule: Rule) -> str:
    """One rule's section."""
    return "\n\n".join(
        (
            f"## {rule.id} {rule.name}",
            f"Severity: {rule.severity}. Contract: {rule.contract}.",
            f"**What it does.** {rule.what}",
            f"**Why it is bad.** {rule.why}",
            f"**Example.**\n\n```diff\n{rule.example}\n```",
            f"**Use instead.** {rule.instead}",
        )
    )


def _anchor(rule: Rule) -> str:
    return f"{rule.id} {rule.name}".lower().replace(" ", "-")


if __name__ == "__main__":
    print(render_markdown(), end="")
