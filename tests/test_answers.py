"""Small answers in files: what is not one, or not that one, is not there, and nobody waits for it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from workspai_hooks.tools import answers


@pytest.fixture
def folder(tmp_path: Path) -> str:
    place = tmp_path / answers.FOLDER / "reports"
    place.parent.mkdir()
    answers.keep(str(place), "a", "1", b"all is well", 8)
    assert answers.recalled(str(place), "a", "1") == b"all is well"
    return str(place)


def test_an_answer_under_another_name_is_none(folder: str) -> None:
    """Who may write a shared folder can't make one question's answer another one's."""
    os.rename(os.path.join(folder, "a"), os.path.join(folder, "b"))
    assert answers.recalled(folder, "b", "1") is None


def test_in_the_place_of_an_answer(folder: str) -> None:
    """A pipe that nobody writes to, a folder, a link, too much, too little."""
    path = Path(folder, "a")
    data = path.read_bytes()
    others = Path(folder).parent / "elsewhere"
    others.write_bytes(data)
    for put in (
        lambda: os.mkfifo(path),
        path.mkdir,
        lambda: path.symlink_to(others),
        lambda: path.write_bytes(data + b"!"),
        lambda: path.write_bytes(data[:-1]),
        lambda: path.write_bytes(b""),
        lambda: path.write_bytes(data + bytes(answers.LARGEST)),
    ):
        path.unlink()
        put()
        assert answers.recalled(folder, "a", "1") is None
        answers.keep(folder, "a", "1", b"all is well", 8)
        if path.is_dir():
            path.rmdir()
            path.touch()
        else:
            assert answers.recalled(folder, "a", "1") == b"all is well"
        assert [one for one in os.listdir(folder) if one.endswith(".part")] == []


@pytest.mark.parametrize("how", ["nothing", "a part"])
def test_a_full_disk_leaves_nothing(folder: str, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    whole = os.write

    def write(file: int, data: bytes) -> int:
        if how == "nothing":
            raise OSError(errno.ENOSPC, "no space")
        return whole(file, data[:5])

    monkeypatch.setattr(answers.os, "write", write)
    answers.keep(folder, "b", "1", b"more", 8)
    assert os.listdir(folder) == ["a"]


def test_the_folder_is_the_users_own(folder: str) -> None:
    assert os.stat(folder).st_mode & 0o077 == 0
