"""Finding buf, and what becomes of one that is missing, old, hanging, crashing or talking nonsense."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from workspai_hooks.errors import UndecidedError
from workspai_hooks.tools import buf


def script(folder: Path, body: str, name: str = "buf") -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def test_the_bundled_one_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORKSPAI_BUF", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    found = buf.resolve_buf()
    assert found.origin == "bundled"
    assert found.version == "1.75.0"
    assert Path(found.path).is_file()


def test_the_environment_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WORKSPAI_BUF", str(script(tmp_path, "echo 9.9.9")))
    assert buf.resolve_buf() == buf.Buf(str(tmp_path / "buf"), "9.9.9", "WORKSPAI_BUF")


@pytest.mark.parametrize("body", ["echo 1.20.0", "echo hello", "exit 3", "kill -9 $$"])
def test_one_that_is_old_or_broken_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, body: str
) -> None:
    monkeypatch.setenv("WORKSPAI_BUF", str(script(tmp_path, body)))
    with pytest.raises(UndecidedError) as caught:
        buf.resolve_buf()
    assert "WORKSPAI_BUF" in caught.value.undecided.why


def test_a_missing_one_is_an_error_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORKSPAI_BUF", raising=False)
    monkeypatch.setattr(buf, "_bundled", lambda: None)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UndecidedError) as caught:
        buf.resolve_buf()
    assert "pip install buf-bin" in caught.value.undecided.remedy
    monkeypatch.setenv("WORKSPAI_BUF", "/nowhere/buf")
    with pytest.raises(UndecidedError):
        buf.resolve_buf()


def test_path_comes_last(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("WORKSPAI_BUF", raising=False)
    monkeypatch.setattr(buf, "_bundled", lambda: None)
    monkeypatch.setenv("PATH", f"{script(tmp_path, 'echo 1.75.1').parent}{os.pathsep}{os.environ['PATH']}")
    assert buf.resolve_buf().origin == "PATH"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("echo broken >&2; exit 1", "exit code 1: broken"),
        ("kill -9 $$", "signal 9"),
        ("echo nonsense; echo nonsense >&2; exit 100", "no row"),
        ("exit 100", "said nothing"),
        ("echo '[1]' | tee /dev/stderr; exit 100", "no row"),
    ],
)
def test_one_that_fails_is_named(tmp_path: Path, body: str, why: str) -> None:
    broken = buf.Buf(str(script(tmp_path, body)), "9.9.9", "PATH")
    for call in (lambda: buf.build(broken, {}), lambda: buf.breaking(broken, b"", b"")):
        with pytest.raises(UndecidedError) as caught:
            call()
        assert caught.value.undecided.what.startswith("buf")
        assert why in caught.value.undecided.why


def test_one_that_hangs_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buf, "_TIMEOUT_S", 0.3)
    with pytest.raises(UndecidedError) as caught:
        buf.build(buf.Buf(str(script(tmp_path, "exec sleep 60")), "9.9.9", "PATH"), {})
    assert "no answer within 0.3 s" in caught.value.undecided.why


def test_it_sees_nothing_of_the_user_and_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUF_TOKEN", "secret")
    monkeypatch.setenv("GIT_INDEX_FILE", "/x/index")
    out = tmp_path / "env"
    told = script(tmp_path, f"env > {out}")
    buf.build(buf.Buf(str(told), "9.9.9", "PATH"), {})
    env = dict(line.split("=", 1) for line in out.read_text().splitlines() if "=" in line)
    assert not {"BUF_TOKEN", "GIT_INDEX_FILE"} & env.keys()
    assert env["HTTPS_PROXY"] == "http://127.0.0.1:9"
    assert env["BUF_CACHE_DIR"].startswith(env["PWD"])
    assert env["PWD"] != os.getcwd()


def test_real_images_and_real_errors() -> None:
    real = buf.resolve_buf()
    base = buf.build(real, {"a.proto": b'syntax = "proto3"; package a; message A { int32 x = 1; }'})
    assert base.errors == ()
    head = buf.build(real, {"a.proto": b'syntax = "proto3"; package a; message A { string x = 1; }'})
    assert {row.rule for row in buf.breaking(real, head.image, base.image)} == {
        "FIELD_SAME_TYPE",
        "FIELD_WIRE_COMPATIBLE_TYPE",
        "FIELD_WIRE_JSON_COMPATIBLE_TYPE",
    }
    assert buf.breaking(real, base.image, base.image) == ()
    (error,) = buf.build(real, {"a.proto": b'syntax = "proto3";\nmessage A { B b = 1; }'}).errors
    assert (error.path, error.line, error.rule) == ("a.proto", 2, "COMPILE")


def test_files_of_any_number_and_name() -> None:
    long = "/".join(["a-folder-with-a-long-name"] * 12) + "/x.proto"
    text = b'syntax = "proto3"; package a%d; message A { int32 x = 1; }'
    files = {path: text % at for at, path in enumerate((long, "%C3%A4 b/x.proto", "b.proto"))}
    files |= {f"many/{at}.proto": text % (at + 100) for at in range(400)}
    built = buf.build(buf.resolve_buf(), files)
    assert built.errors == ()
    assert all(path.encode() in built.image for path in files)
