"""A real Chromium, driven over the DevTools protocol through a pipe: no driver, no port, no package."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run")
PATIENCE_S = 60

# The protocol's pipe is file descriptors 3 and 4 of the browser; a shell's redirections stop at 9.
_EXEC = """
import fcntl, os, sys
high = [fcntl.fcntl(int(one), fcntl.F_DUPFD, 10) for one in sys.argv[1:3]]
os.dup2(high[0], 3), os.dup2(high[1], 4)
os.execv(sys.argv[3], [*sys.argv[3:], "--remote-debugging-pipe"])
"""


def installed() -> str | None:
    """The system's browser, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Page:
    """One tab. `problems` are console messages and exceptions, `requests` the addresses that it asked for."""

    def __init__(self, commands: int, answers: int) -> None:
        self.problems: list[str] = []
        self.requests: list[str] = []
        self._commands = os.fdopen(commands, "wb", buffering=0)
        self._answers = os.fdopen(answers, "rb")
        self._session: str | None = None
        self._number = 0
        self._pending = b""
        self._loaded = 0
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **parameters: Any) -> Any:
        """Run one command and wait for its answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._commands.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._pending:
            got = self._answers.read1(1 << 20)  # type: ignore[attr-defined]
            assert got, "the browser went away"
            self._pending += got
        line, _, self._pending = self._pending.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        self._note(message.get("method"), message.get("params", {}))
        return message

    def _note(self, method: str | None, event: dict[str, Any]) -> None:
        if method == "Page.loadEventFired":
            self._loaded += 1
        elif method == "Network.requestWillBeSent":
            self.requests.append(event["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.problems.append(str(event["exceptionDetails"].get("exception", event)))
        elif method == "Runtime.consoleAPICalled":
            self.problems.append(f"{event['type']}: {[one.get('value') for one in event['args']]}")
        elif method == "Log.entryAdded":
            self.problems.append(str(event["entry"]["text"]))

    def open(self, address: str) -> None:
        """Load a page and wait for it."""
        before = self._loaded
        self.send("Page.navigate", url=address)
        while self._loaded == before:
            self._read()

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        given = self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in given, given["exceptionDetails"]
        return given["result"].get("value")

    def text(self, selector: str) -> list[str]:
        """The texts of all elements that a selector matches."""
        chosen = f"document.querySelectorAll({json.dumps(selector)})"
        texts: list[str] = self.run(f"[...{chosen}].map(one => one.textContent)")
        return texts

    def click(self, selector: str) -> None:
        """A real click in the middle of the first element that matches."""
        where = self.run(
            f"(() => {{ const one = document.querySelector({json.dumps(selector)});"
            " one.scrollIntoView({block: 'nearest'}); const box = one.getBoundingClientRect();"
            " return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.send(
                "Input.dispatchMouseEvent", type=kind, x=where[0], y=where[1], button="left", clickCount=1
            )

        # What a click sets off (a toggle, a redraw) comes in tasks of its own.
        self.run("new Promise(done => requestAnimationFrame(() => setTimeout(done, 20)))")

    def press(self, key: str) -> None:
        """A key that types nothing (Enter, Escape, ArrowDown), or a single letter."""
        codes = {"Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}
        text = {"text": "\r"} if key == "Enter" else {"text": key} if len(key) == 1 else {}
        code = codes.get(key, ord(key[0].upper()))
        self.send("Input.dispatchKeyEvent", type="keyDown", key=key, windowsVirtualKeyCode=code, **text)
        self.send("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def type(self, text: str) -> None:
        """Text into what has the focus."""
        self.send("Input.insertText", text=text)

    def colors(self, scheme: str) -> None:
        """`light` or `dark`, as the system would say."""
        self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def size(self, width: int, height: int) -> None:
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def picture(self, file: Path) -> None:
        """A screenshot, for eyes."""
        file.write_bytes(base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"]))


@contextmanager
def opened(profile: Path) -> Iterator[Page]:
    """A browser with an empty profile, closed again."""
    browser = installed()
    assert browser is not None
    reads, commands = os.pipe()
    answers, writes = os.pipe()
    child = subprocess.Popen(
        [sys.executable, "-c", _EXEC, str(reads), str(writes), browser, *FLAGS, f"--user-data-dir={profile}"],
        pass_fds=(reads, writes),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(reads)
    os.close(writes)
    try:
        page = Page(commands, answers)
        page.size(1600, 1000)
        yield page
        page._session = None
        page.send("Browser.close")
    finally:
        try:
            child.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
