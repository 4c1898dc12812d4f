"""Documents are compared while buf works: with the same report, and only where all contents are here."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.conftest import Scratch
from workspai_hooks.inspection.documents import Comparing, Kind
from workspai_hooks.inspection.request import Request
from workspai_hooks.inspection.run import inspect
from workspai_hooks.report.report import Report

PROTO = 'syntax = "proto3";\npackage shop;\nmessage Cart {\n  string id = 1;\n  int32 total = 2;\n}\n'
API = """openapi: 3.0.3
info: {title: Orders, version: '1'}
paths:
  /orders:
    get:
      parameters: [{name: q, in: query, schema: {type: string}}]
      responses:
        '200': {description: ok}
"""
CHART = {"chart/Chart.yaml": "name: shop\nversion: 1.0.0\n", "chart/values.yaml": "port: 1\nhost: a\n"}


def changed(root: Path, **more: str) -> Scratch:
    """A contract, a description and a chart, each of which breaks."""
    made = Scratch.init(root / "shop").write({"cart.proto": PROTO, "api.yaml": API, **CHART, **more})
    made.commit("start")
    made.branch("topic").replace("cart.proto", "  int32 total = 2;\n", "")
    made.replace("api.yaml", "in: query, schema", "in: query, required: true, schema")
    return made.replace("chart/values.yaml", "host: a\n", "")


def report(made: Scratch) -> Report:
    said = inspect(Request(made.root))
    assert said.misused is None
    return replace(said, timings_ms={})


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The kinds that are compared in a thread of their own."""
    found: list[str] = []
    really = Kind.compare

    def watched(self: Kind, *args: object, **options: bool) -> object:
        if threading.current_thread() is not threading.main_thread():
            found.append(self.contract)
        return really(self, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Kind, "compare", watched)
    return found


def test_the_report_is_that_of_one_after_the_other(
    tmp_path: Path, threads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = changed(tmp_path)
    beside = report(made)
    assert threads == ["openapi", "helm"]
    assert {one.contract for one in beside.findings} == {"protobuf", "openapi", "helm"}
    os.rename(made.root / ".git" / "workspai-hooks", tmp_path / "kept")
    monkeypatch.setattr(Comparing, "begin", lambda self: None)
    assert report(made) == beside
    assert threads == ["openapi", "helm"]


def test_where_contents_may_not_be_here_each_asks_in_turn(tmp_path: Path, threads: list[str]) -> None:
    made = changed(tmp_path, **{".gitattributes": "*.bin filter=lfs\n"})
    assert {one.contract for one in report(made).findings} == {"protobuf", "openapi", "helm"}
    assert threads == []


def test_a_comparison_that_fails_is_told_as_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = changed(tmp_path)
    monkeypatch.setenv("WORKSPAI_OASDIFF", str(tmp_path / "none"))
    beside = report(made)
    assert {one.contract for one in beside.findings} == {"protobuf", "helm"}
    assert len(beside.undecided) == 1
