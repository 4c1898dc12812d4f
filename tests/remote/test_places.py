"""Stores by URL: folders, and S3 by the real client against a server that behaves well or badly."""

from __future__ import annotations

import builtins
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from remote.server import Bucket, serving

from workspai_hooks.doctor import examine
from workspai_hooks.errors import UsageError
from workspai_hooks.remote import places
from workspai_hooks.remote.asked import asked
from workspai_hooks.remote.places import Found, PlaceError, place_of

NAME, DATA = "a/b.pack", b"what was worked out" * 400
MOST = 1 << 20


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    monkeypatch.setattr(places, "SILENCE_S", 0.4)
    with serving() as made:
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        yield made


def test_a_folder(tmp_path: Path) -> None:
    place = place_of(tmp_path.as_uri(), 5)
    assert place.get(NAME, MOST, "") is None
    place.put(NAME, DATA)
    found = place.get(NAME, MOST, "")
    assert found is not None
    assert found.data == DATA
    assert place.get(NAME, MOST, found.tag) == Found(None, found.tag)
    place.put(NAME, DATA[1:])
    assert place.get(NAME, MOST, found.tag) != found
    assert [one.name for one in (tmp_path / "a").iterdir()] == ["b.pack"]
    with pytest.raises(PlaceError, match="more than"):
        place.get(NAME, 10, "")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    place = place_of((tmp_path / "gone").as_uri(), 5)
    with pytest.raises(PlaceError, match="no such folder"):
        place.get(NAME, MOST, "")
    with pytest.raises(PlaceError, match="no such folder"):
        place.put(NAME, DATA)
    assert not (tmp_path / "gone").exists()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(PlaceError, match="can't be written"):
        place_of(tmp_path.as_uri(), 5).put(NAME, DATA)
    tmp_path.chmod(0o700)


def test_what_is_no_file_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir(parents=True)
    with pytest.raises(PlaceError, match="can't be"):
        place_of(tmp_path.as_uri(), 5).get(NAME, MOST, "")


def test_a_bucket(bucket: Bucket) -> None:
    place = place_of("s3://team/hooks", 5)
    assert place.get(NAME, MOST, "") is None
    place.put(NAME, DATA)
    assert bucket.objects == {f"/team/hooks/{NAME}": DATA}
    found = place.get(NAME, MOST, "")
    assert found is not None
    assert found.data == DATA
    assert place.get(NAME, MOST, found.tag) == Found(None, found.tag)
    assert [status for _, _, status in bucket.asked] == [404, 200, 200, 304]


@pytest.mark.parametrize("how", ["hangs", "drips", "cut off", "500", "403", "leads elsewhere", "huge"])
def test_a_bucket_that_gives_nothing_of_use(bucket: Bucket, how: str) -> None:
    place_of("s3://team/hooks", 5).put(NAME, DATA)
    bucket.behaves = how
    with pytest.raises(PlaceError) as told:
        place_of("s3://team/hooks", 0.8).get(NAME, MOST, "")
    assert "secret" not in str(told.value)
    assert "127.0.0.1" not in str(told.value)
    assert len(bucket.asked) <= 4  # it is not asked for ever


def test_a_bucket_that_nobody_serves(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(PlaceError, match="no answer"):
        place_of("s3://team/hooks", 0.8).get(NAME, MOST, "")


def test_a_bucket_that_says_no_size_is_read_to_the_limit(bucket: Bucket) -> None:
    place = place_of("s3://team/hooks", 5)
    place.put(NAME, DATA)
    bucket.behaves = "says no size"
    with pytest.raises(PlaceError):
        place.get(NAME, 100, "")


def test_a_bucket_with_other_credentials(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    with pytest.raises(PlaceError, match="lets nobody in"):
        place_of("s3://team/hooks", 5).put(NAME, DATA)


def test_a_server_is_only_read() -> None:
    with pytest.raises(PlaceError, match="only read"):
        place_of("https://packs.example/hooks", 1).put(NAME, DATA)


def test_the_extra_is_not_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.partition(".")[0] == "obstore":
            raise ModuleNotFoundError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(PlaceError, match=r"pip install 'workspai-hooks\[remote\]'"):
        place_of("s3://team/hooks", 1)
    place_of(tmp_path.as_uri(), 1).put(NAME, DATA)  # a folder needs none


@pytest.mark.parametrize(
    ("variables", "why"),
    [
        ({"WORKSPAI_CACHE_URL": "http://packs.example/"}, "begins with one of"),
        ({"WORKSPAI_CACHE_URL": "team/hooks"}, "begins with one of"),
        ({"WORKSPAI_CACHE_URL": "ftp://me:secret@host/x"}, "begins with one of"),
        ({"WORKSPAI_CACHE_URL": "file://share/packs"}, "three slashes"),
        ({"WORKSPAI_CACHE_URL": "s3://b", "WORKSPAI_CACHE_KEY": "short"}, "at least 16"),
        ({"WORKSPAI_CACHE_URL": "s3://b", "WORKSPAI_CACHE_WRITE": "maybe"}, "say 1 or 0"),
    ],
)
def test_what_can_not_be_meant(variables: dict[str, str], why: str) -> None:
    with pytest.raises(UsageError, match=why) as told:
        asked(variables)
    assert "secret" not in str(told.value)


def test_nothing_is_asked_for() -> None:
    assert asked({}) is None
    assert asked({"WORKSPAI_CACHE_KEY": "a key without a store"}) is None


@pytest.mark.parametrize(
    ("url", "problems"),
    [
        ("", []),
        ("s3://team/hooks", [""]),
        ("http://packs.example/", ["begins with one of"]),
        ("az://", ["no address that obstore can use"]),
    ],
)
def test_doctor_says_whether_a_store_could_be_asked(
    url: str, problems: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKSPAI_CACHE_URL", url)
    shown = [tool.problem or "" for tool in examine() if tool.name == "shared cache"]
    assert len(shown) == len(problems)
    assert all(part in told and bool(part) == bool(told) for part, told in zip(problems, shown, strict=True))
