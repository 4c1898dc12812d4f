"""The native runtimes as oracles: whether each takes a service config, and what it says if not."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from stubs.toolchain import fetch, once

GRPC_GO = "v1.85.0"
_CORE = """
import base64, json, sys
from grpc._cython import cygrpc
for line in sys.stdin:
    config = base64.b64decode(json.loads(line))
    channel = cygrpc.Channel(b"ipv4:127.0.0.1:1", ((b"grpc.service_config", config),), None)
    # A channel that could not be made is one that is shut down, or has failed for good.
    print(json.dumps("" if channel.check_connectivity_state(False) == 0 else "rejected"))
    channel.close(0, "")
"""
_GO = """// Says of each line of standard input, a service config in base64, whether grpc-go takes it.
package main

import (
	"bufio"
	"encoding/json"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

func main() {
	lines, answers := bufio.NewScanner(os.Stdin), json.NewEncoder(os.Stdout)
	lines.Buffer(nil, 1<<28)
	for lines.Scan() {
		var config []byte
		if err := json.Unmarshal(lines.Bytes(), &config); err != nil {
			panic(err)
		}
		said := ""
		conn, err := grpc.NewClient("passthrough:///x", grpc.WithDefaultServiceConfig(string(config)),
			grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			said = err.Error()
		} else {
			conn.Close()
		}
		answers.Encode(said)
	}
}
"""


def core(configs: Sequence[bytes]) -> list[str]:
    """Of each config nothing, or that C-core (grpcio) takes no channel with it."""
    environment = {**os.environ, "GRPC_VERBOSITY": "NONE"}
    return _asked([sys.executable, "-c", _CORE], configs, environment)


def grpc_go(factory: pytest.TempPathFactory) -> Path:
    """The program that asks grpc-go; skips where there is no Go or no answer from its registry."""
    return once(factory, "grpc-go-oracle", build) / "oracle"


def build(folder: Path) -> None:
    (folder / "go.mod").write_text("module example.test/oracle\n\ngo 1.24\n")
    (folder / "main.go").write_text(_GO)
    if shutil.which("go"):
        fetch(["go", "get", f"google.golang.org/grpc@{GRPC_GO}"], folder)
        fetch(["go", "mod", "tidy"], folder)
    fetch(["go", "build", "-o", "oracle", "."], folder)


def go(oracle: Path, configs: Sequence[bytes]) -> list[str]:
    """Of each config nothing, or why grpc-go refuses it."""
    return _asked([str(oracle)], configs, dict(os.environ))


def _asked(argv: list[str], configs: Sequence[bytes], environment: dict[str, str]) -> list[str]:
    lines = "".join(f"{json.dumps(base64.b64encode(one).decode())}\n" for one in configs)
    done = subprocess.run(argv, input=lines, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    answers = [str(json.loads(line)) for line in done.stdout.splitlines()]
    assert len(answers) == len(configs)
    return answers
