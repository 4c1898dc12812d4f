"""What disks, full or failing, and who copies a file in use do to an index: damage at random places."""

from __future__ import annotations

import contextlib
import io
import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

from hostile import killing
from workspai_hooks.store import Store

Damage = Callable[[random.Random, bytearray], None]


def flip(rng: random.Random, data: bytearray) -> None:
    """Some bits."""
    for _ in range(rng.choice((1, 1, 2, 8, 200))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def cut(rng: random.Random, data: bytearray) -> None:
    """The end is gone."""
    del data[rng.randrange(len(data)) :]


def blank(rng: random.Random, data: bytearray) -> None:
    """A block of zeros or of garbage, as of a file system that lost it."""
    size = rng.choice((512, 4096, 8192, 65536))
    at = rng.randrange(len(data)) // 512 * 512
    end = min(len(data), at + size)
    data[at:end] = bytes(end - at) if rng.random() < 0.5 else rng.randbytes(end - at)


def mix(rng: random.Random, data: bytearray) -> None:
    """A page stands where another one was: a write that went astray, or never happened."""
    page = 8192
    count = len(data) // page
    if count > 1:
        here, there = rng.randrange(count) * page, rng.randrange(count) * page
        data[here : here + page] = data[there : there + page]


def longer(rng: random.Random, data: bytearray) -> None:
    """Something follows."""
    data += rng.randbytes(rng.choice((1, 512, 8192, 20000)))


DAMAGES: tuple[Damage, ...] = (flip, flip, flip, cut, blank, mix, longer)


def damage(rng: random.Random, file: Path) -> str:
    """Damage one file; what was done."""
    data = bytearray(file.read_bytes())
    how = rng.choice(DAMAGES)
    if data:
        how(rng, data)
    file.write_bytes(bytes(data))
    return f"{how.__name__} {file.name}"


def damaged(rng: random.Random, sound: Path, to: Path) -> list[str]:
    """Copy the files of a folder, damage one or several of them; what was done."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(sound, to)
    files = sorted(one for one in to.rglob("*") if one.is_file())
    return [damage(rng, rng.choice(files)) for _ in range(rng.choice((1, 1, 1, 3)))]


FACTS = {
    kind: {Store.key(kind, number): f"{kind} {number} " * (number**2 % 997) for number in range(120)}
    for kind in ("schema", "graph", "policies", "header")
}


class Verdicts:
    """Whole runs, whose folder of ours is damaged before each."""

    def __init__(self, scene: killing.Scene) -> None:
        self._scene = scene
        (scene.cache.parent / "sound").mkdir()
        self._ways = [way for way in killing.WAYS if not way.is_warm]
        self._alone = {way: scene.verdict(way) for way in self._ways}
        self._sound = scene.cache.with_name("sound")
        shutil.copytree(scene.cache, self._sound, dirs_exist_ok=True)

    def faults(self, seed: int) -> list[str]:
        """What is wrong with the verdict after one damage, and with what is said besides."""
        rng = random.Random(seed)
        done = damaged(rng, self._sound, self._scene.cache)
        way = rng.choice(self._ways)
        with self._scene.started(way) as process:
            output, error = process.communicate(timeout=120)
        said = error.decode().splitlines()
        faults = [line for line in said if not line.startswith("workspai-hooks: ")]
        faults += ["said twice"] * (len(said) != len(set(said)) or len(said) > 2)
        now, wanted = killing.verdict_of(process.returncode, output), self._alone[way]
        faults += [f"says something else: {now[0]} for {wanted[0]}"] * (now != wanted)
        return [f"{seed} {done} {way.name}: {fault}" for fault in faults]


class Scene:
    """An index, one with a part of it in the journal still, as a killed run leaves it, and a place to damage
    copies in."""

    def __init__(self, root: Path) -> None:
        self.sound = closed, killed = root / "closed/x", root / "killed/x"
        for one in self.sound:
            one.parent.mkdir()
        self._keep(closed)
        using = root / "using"
        shutil.copytree(closed, using)
        store = Store(using / "index.sqlite")
        store.remember("stubs", {Store.key("more", number): "more " * number for number in range(200)})
        store._write()
        shutil.copytree(using, killed, ignore=shutil.ignore_patterns("*-shm"))
        store.close()
        assert (killed / "index.sqlite-wal").stat().st_size > 50_000
        self._at = root / "workspai-hooks"

    def faults(self, seed: int) -> list[str]:
        """What is wrong after one damage; a run of it says nothing but why the index is not used."""
        rng = random.Random(seed)
        done = damaged(rng, self.sound[seed % 2], self._at)
        faults, said = self._run()
        next_faults, next_said = self._run(only_read=not said)
        faults += next_faults
        if said and next_said:
            faults.append(f"and once more: {next_said}")
        if said:  # else it hit what nobody looks at, or an entry that is not found
            with contextlib.closing(sqlite3.connect(self._at / "index.sqlite")) as index:
                sound = index.execute("PRAGMA integrity_check").fetchall()
            faults += [f"not sound: {sound}"] * (sound != [("ok",)])
        return [f"{seed} {done}: {fault}; {said}" for fault in faults]

    def _run(self, *, only_read: bool = False) -> tuple[list[str], list[str]]:
        with contextlib.redirect_stderr(io.StringIO()) as stream:
            store = Store(self._at / "index.sqlite")
            found = {kind: store.recall(kind, facts, str) for kind, facts in FACTS.items()}
            store.close()
            if not only_read:
                self._keep(self._at)
        faults = [
            f"another fact of {kind}"
            for kind, facts in FACTS.items()
            for key, value in found[kind].items()
            if facts[key] != value
        ]
        said = stream.getvalue().splitlines()
        strange = [line for line in said if not line.startswith("workspai-hooks: ")]
        return faults + strange, said

    def _keep(self, folder: Path) -> None:
        store = Store(folder / "index.sqlite")
        for kind, facts in FACTS.items():
            store.remember(kind, facts)
        store.close()
