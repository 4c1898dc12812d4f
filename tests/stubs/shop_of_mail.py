"""A small repository with generated stubs: its contract, and protoc for Python to generate them with."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from subprocess import run
from tempfile import TemporaryDirectory

import pytest

CONTRACT = """\
syntax = "proto3";
package mart;

service Mailer {
  rpc Send(Letter) returns (Receipt) {
    option idempotency_level = IDEMPOTENT;
  }
  rpc Track(Receipt) returns (stream Letter);
  rpc Pay(Letter) returns (Receipt);
}

message Letter {
  Address to = 1;
  string text = 2;
  string request_id = 3;
}

message Address {
  string street = 1;
  string city = 2;
}

message Receipt {
  string id = 1;
}
"""
PROTO = "protos/mart.proto"
STUB = "services/mail/mart_pb2.py"
GRPC = "services/mail/mart_pb2_grpc.py"
SIDECAR = "services/mail/mart_pb2_grpc_resilience.py"
CONFIG = "protos/mart_grpc_service_config.json"
OTHERS = {
    "services/mail/main.py": "print('mail')\n",
    "services/mail/Dockerfile": 'FROM python:3.12\nCOPY . .\nCMD ["python", "main.py"]\n',
}


def python_stubs(text: str, name: str = "mart.proto") -> dict[str, bytes]:
    """What protoc makes of a contract for Python: file name -> content."""
    pytest.importorskip("grpc_tools", reason="grpcio-tools is not installed")
    with TemporaryDirectory() as folder:
        source = Path(folder, "in")
        source.mkdir()
        (source / name).write_text(text)
        out = Path(folder, "out")
        out.mkdir()
        argv = [sys.executable, "-m", "grpc_tools.protoc", f"-I{source}", f"--python_out={out}"]
        run([*argv, f"--grpc_python_out={out}", name], check=True, capture_output=True)
        return {file.name: file.read_bytes() for file in sorted(out.iterdir())}


def repository(contract: str = CONTRACT, stubbed: str | None = None) -> Mapping[str, str | bytes]:
    """The contract, and stubs of it in a service's folder, or of another version of it (`stubbed`)."""
    stubs = python_stubs(stubbed or contract)
    return {
        PROTO: contract,
        **{f"services/mail/{name}": content for name, content in stubs.items()},
        **OTHERS,
    }
