"""Contracts that are looked at one by one are compiled in packs: with the same answer."""

from __future__ import annotations

import pytest
from google.protobuf import descriptor_pb2 as pb

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf import descriptors, units
from workspai_hooks.contracts.protobuf.compiled import describe_all, merged
from workspai_hooks.tools import buf as buf_tool
from workspai_hooks.tools.buf import resolve_buf

COMMON = 'syntax = "proto3";\npackage {0};\nmessage Money {{ int64 units = 1; }}\n'
CALLS = (
    'syntax = "proto3";\npackage {0}.{1};\nimport "{0}/money.proto";\n'
    "message Ask {{ {0}.Money money = 1; }}\nservice Till {{ rpc Pay(Ask) returns (Ask); }}\n"
)
FILES = {
    "proto/shop/money.proto": COMMON.format("shop"),
    **{f"proto/shop/{name}/calls.proto": CALLS.format("shop", name) for name in ("cart", "stock", "till")},
    "copy/shop/money.proto": COMMON.format("shop").replace("units", "cents"),
    "copy/shop/cart/calls.proto": CALLS.format("shop", "cart"),
    "proto/shop/wrong.proto": 'syntax = "proto3";\npackage shop.wrong;\nmessage Wrong { Gone gone = 1; }\n',
    "proto/shop/missing.proto": 'syntax = "proto3";\nimport "shop/nothing.proto";\nmessage Missing {}\n',
}


def _answers(snapshot: Snapshot) -> list[object]:
    seen: dict[str, pb.FileDescriptorProto] = {}
    failed = descriptors.begin(snapshot, resolve_buf(), FILES)(seen.__setitem__)
    described, errors = describe_all(snapshot, resolve_buf())
    return [seen, failed, merged(described), errors]


def test_the_same_answer_as_of_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    build = buf_tool.build

    def counted(*arguments: object) -> object:
        asked.append(len(arguments[1]))  # type: ignore[arg-type]
        return build(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(buf_tool, "build", counted)
    whole = _answers(Snapshot.of(FILES))
    most = max(asked)
    asked.clear()
    monkeypatch.setattr(units, "PACK", 1)
    assert _answers(Snapshot.of(FILES)) == whole
    assert max(asked) < most
    seen, failed = whole[:2]
    assert len(seen) == len(FILES) - 2  # type: ignore[arg-type]
    assert len(failed) == 2  # type: ignore[arg-type]
