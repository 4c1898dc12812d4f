"""Runs our program in a process of its own that begins where Python has loaded everything.

Half of a small run is the start of the interpreter and its imports, and the tests ask the program more than
a thousand times. A server that is started once imports it and forks for each run. The run has a process,
streams, environment, folder and arguments of its own and nothing of another run: only the modules are there
already. Tests of the start itself (flags and variables of the interpreter, what is imported when, kill -9)
start the real one.

A request is a connection: its three streams as file descriptors, then JSON. The answers are lines: the
number of the process, and at its end the exit code (negative: the signal) and seconds of processor time.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from subprocess import CompletedProcess

IS_POSSIBLE = hasattr(os, "fork") and hasattr(socket, "send_fds")
_OF_THE_INTERPRETER = ("PYTHON", "LC_", "LANG", "TZ")
"""Variables that count when Python starts; a run that is given one needs a start."""
_THIRD = (
    *(
        "jinja2.sandbox",
        "networkx",
        "openapi_spec_validator",
        "rich.console",
        "rich.table",
        "sqlite3",
        "yaml",
    ),
    *("tree_sitter_c_sharp", "tree_sitter_cpp", "tree_sitter_elixir", "tree_sitter_go", "tree_sitter_java"),
    *("tree_sitter_kotlin", "tree_sitter_php", "tree_sitter_python", "tree_sitter_ruby", "tree_sitter_rust"),
    *("tree_sitter_typescript", "concurrent.futures.thread", "google.protobuf.descriptor_pb2"),
)
"""What our modules import when they need it."""


def needs_a_start(variables: Iterable[str]) -> bool:
    """Whether a run with these variables of its own has to be the real thing."""
    return not IS_POSSIBLE or any(name.startswith(_OF_THE_INTERPRETER) for name in variables)


class Run:
    """A run that has begun. `pid` leads a session of its own."""

    def __init__(
        self, argv: Sequence[str], cwd: str, env: Mapping[str, str], streams: Sequence[int], where: str
    ) -> None:
        import json

        self._there = socket.socket(socket.AF_UNIX)
        self._there.connect(where)
        data = json.dumps([list(argv), cwd, dict(env)]).encode()
        socket.send_fds(self._there, [len(data).to_bytes(8, "big")], list(streams))
        self._there.sendall(data)
        self._lines = self._there.makefile("r")
        self.pid = int(self._lines.readline())

    def wait(self, timeout_s: float | None = None) -> tuple[int, float]:
        """Exit code and processor time, those of children among them; TimeoutError after killing it."""
        self._there.settimeout(timeout_s)
        try:
            code, cpu = self._lines.readline().split()
        except TimeoutError:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, 9)
            raise
        finally:
            self._lines.close()
            self._there.close()
        return int(code), float(cpu)


def serve(path: str) -> int:
    """Until standard input ends."""
    import gc
    import selectors
    import shutil

    _load()
    gc.collect()
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listening, selectors.DefaultSelector() as ready:
        listening.bind(path)
        listening.listen(64)
        print("ready", flush=True)
        ready.register(listening, selectors.EVENT_READ)
        ready.register(0, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                if key.fileobj == 0:
                    shutil.rmtree(os.path.dirname(path))
                    return 0
                there, _ = listening.accept()
                if os.fork() == 0:
                    listening.close()
                    _handle(there)
                there.close()
            with suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass


def _load() -> None:
    from importlib import import_module
    from pkgutil import walk_packages

    import workspai_hooks

    for module in walk_packages(workspai_hooks.__path__, "workspai_hooks."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    for name in _THIRD:
        import_module(name)


def _handle(there: socket.socket) -> None:
    """Start the run and tell what becomes of it; does not return."""
    import json

    size, streams, _, _ = socket.recv_fds(there, 8, 3)
    data = b""
    while len(data) < int.from_bytes(size, "big"):
        data += there.recv(1 << 20)
    argv, cwd, env = json.loads(data)
    child = os.fork()
    if child == 0:
        there.close()
        os._exit(_become(argv, cwd, env, streams))
    there.sendall(f"{child}\n".encode())
    for stream in streams:
        os.close(stream)
    _, status, used = os.wait4(child, 0)
    with suppress(OSError):  # nobody waits for it any more
        there.sendall(f"{os.waitstatus_to_exitcode(status)} {used.ru_utime + used.ru_stime}\n".encode())
    os._exit(0)


def _become(argv: list[str], cwd: str, env: dict[str, str], streams: Sequence[int]) -> int:
    """What happens between the start of the program and its end; its exit code."""
    import atexit
    import threading
    import traceback

    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    sys.argv[:] = ["workspai-hooks", *argv]
    from workspai_hooks.entry import main

    try:
        code: object = main()
    except SystemExit as error:
        code = error.code
    except BaseException:
        traceback.print_exc()
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    if isinstance(code, str):
        print(code, file=sys.stderr, flush=True)
        return 1
    return int(code or 0)  # type: ignore[call-overload,no-any-return]


@cache
def server() -> str:
    """Where the server of this process listens; it is started when first asked for, and ends with us."""
    import atexit
    import subprocess
    import tempfile

    path = os.path.join(tempfile.mkdtemp(prefix="forked-"), "s")
    process = subprocess.Popen(
        [sys.executable, "-P", __file__, path], cwd="/", stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    atexit.register(process.communicate)
    return path


def completed(
    argv: Sequence[str],
    cwd: str | os.PathLike[str],
    variables: Mapping[str, str] | None = None,
    stdin: str | None = None,
    timeout_s: float = 120,
) -> CompletedProcess[str]:
    """Run our program to its end. `variables` are added to the environment; `stdin` comes through a pipe,
    None is /dev/null."""
    import subprocess
    import tempfile

    env = {**os.environ, **(variables or {})}
    if needs_a_start(variables or {}):
        given = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
        return subprocess.run(
            [sys.executable, "-m", "workspai_hooks", *argv],
            cwd=cwd,
            env=env,
            **given,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
    reading, writing = os.open(os.devnull, os.O_RDONLY), -1
    if stdin is not None:
        os.close(reading)
        reading, writing = os.pipe()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        run = Run(argv, os.fspath(cwd), env, [reading, out.fileno(), err.fileno()], server())
        os.close(reading)
        if stdin is not None:
            with suppress(BrokenPipeError), open(writing, "w") as pipe:
                pipe.write(stdin)
        code, _ = run.wait(timeout_s)
        out.seek(0)
        err.seek(0)
        return CompletedProcess(list(argv), code, out.read(), err.read())


def command(folder: str | os.PathLike[str]) -> None:
    """Put a command `workspai-hooks` there that is a run of ours, for scripts that find it on PATH."""
    path = os.path.join(folder, "workspai-hooks")
    with open(path, "w") as file:
        file.write(
            f"#!{sys.executable} -IS\nimport os, sys\nsys.path.insert(0, {os.path.dirname(__file__)!r})\n"
            "from forked import Run\n"
            f"run = Run(sys.argv[1:], os.getcwd(), os.environ, [0, 1, 2], {server()!r})\n"
            "sys.exit(run.wait()[0])\n"
        )
    os.chmod(path, 0o755)


if __name__ == "__main__":
    sys.exit(serve(sys.argv[1]))
