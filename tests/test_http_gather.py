"""Facts of HTTP are made when somebody asks, once, and whatever stands in the files."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from http_annotated import AROUND, OPERATIONS, uses_in

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.store import Store
from workspai_hooks.workspace.http import gather
from workspai_hooks.workspace.http.by_name import paths_in
from workspai_hooks.workspace.http.gather import find_facts
from workspai_hooks.workspace.http.generated import is_client
from workspai_hooks.workspace.http.mentions import find_mentions
from workspai_hooks.workspace.http.routes import _in_nginx
from workspai_hooks.workspace.http.values import Fact

CLIENT = """\
import requests

def total(id):
    return requests.get(f"http://orders:8080/orders/{id}").json()["total"]
"""
SECONDS = 3.0


def test_a_files_facts_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = Snapshot.of({"web/app.py": CLIENT})
    first = find_facts(snapshot, ["web/app.py"])
    assert {fact.kind for fact in first} >= {"calls", "reads"}
    monkeypatch.setattr(gather, "follow", lambda *_: pytest.fail("followed again"))
    assert find_facts(snapshot, ["web/app.py"]) == first


PAGE = """\
import { get } from "./api";

export async function totals(ids) {
  const found = await get(ids[0]);
  return found.total + found.lines.map((line) => line.price);
}
"""
API = """\
export async function get(id) {
  const answer = await fetch(`http://orders:8080/orders/${id}`);
  return answer.json();
}
"""


@pytest.mark.parametrize("seed", range(6))
def test_facts_of_moved_code_are_moved(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Comments, blank lines, layout and numbers change the places of what types are followed through, and
    nothing else: what comes of it is what following them anew gives."""
    rng = random.Random(seed)
    store = Store()
    files = {"web/app.py": f"TIMEOUT = 1\n{CLIENT}", "web/page.js": PAGE, "web/api.js": API}

    def facts(files: dict[str, str], store: Store) -> tuple[Fact, ...]:
        return find_facts(replace(Snapshot.of(files), store=store), files)

    before = facts(files, store)
    assert len({fact.place.path for fact in before}) == 3
    moved = {path: _moved(rng, path, text) for path, text in files.items()}
    with monkeypatch.context() as patched:
        patched.setattr(gather, "follow", lambda *_: pytest.fail("followed again"))
        found = facts(moved, store)
    assert found == facts(moved, Store())
    assert [fact.place for fact in found] != [fact.place for fact in before]
    assert facts(files, store) == before
    read = moved | {"web/app.py": moved["web/app.py"].replace('"total"', '"sum"')}
    assert facts(read, store) == facts(read, Store()) != found


def _moved(rng: random.Random, path: str, text: str) -> str:
    mark = "#" if path.endswith(".py") else "//"
    lines = [f"{mark} begins with a word\n"]
    for line in text.splitlines(keepends=True):
        indent = line[: len(line) - len(line.lstrip())]
        lines += [f"{indent}{mark} timeout {rng.random()}\n"] * rng.randrange(3) + ["\n"] * rng.randrange(2)
        lines.append(line.replace("= 1\n", f"= {rng.randrange(100)}\n"))
    return "".join(lines)


def test_a_part_without_a_word_of_a_request_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "Trees", lambda *_: pytest.fail("parsed"))
    assert (
        find_facts(
            Snapshot.of({"web/app.py": "def total(order):\n    return order['total']\n"}), ["web/app.py"]
        )
        == ()
    )


def test_nobody_pays_who_does_not_ask() -> None:
    """Inspecting changes loads nothing of this room."""
    import subprocess

    code = "import sys, workspai_hooks.inspection; print([m for m in sys.modules if '.http.' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_provider_without_operations_or_name_has_no_uses() -> None:
    files = {**AROUND, "web/app.py": CLIENT}
    assert uses_in(files, operations=()) == ()
    assert uses_in(files, provider="nobody") == ()
    assert uses_in(files) != ()


SOURCES: dict[str, str | bytes] = {
    "nested.py": "import requests\nx = " + "(" * 5000 + ")" * 5000 + "\n",
    "nested.ts": "fetch(" + "[" * 5000 + "]" * 5000 + ")\n",
    "nested.go": 'package a\nimport "net/http"\nvar x = ' + "(" * 5000 + "1" + ")" * 5000 + "\n",
    "nested.java": "class A { RestTemplate t; int x = " + "(" * 5000 + "1" + ")" * 5000 + "; }\n",
    "nested.cs": "class A { HttpClient c; int x = " + "(" * 5000 + "1" + ")" * 5000 + "; }\n",
    "joined.py": "import requests\nrequests.get(" + " + ".join(["'/a'"] * 5000) + ")\n",
    "joined.java": "class A { RestTemplate t; String x = " + " + ".join(['"/a"'] * 5000) + "; }\n",
    "formatted.py": 'import requests\nrequests.get("' + "{}" * 5000 + '".format(1))\n',
    "chained.ts": "fetch('/a')" + ".then(r => r)" * 2000 + "\n",
    "chained.java": "class A { void f(WebClient c) { c" + ".get()" * 2000 + "; } }\n",
    "nul.py": b"import requests\n\0\0requests.get('/orders')\n",
    "latin.py": b"import requests\nrequests.get('/\xff\xfe')\n",
    "open.ts": "fetch(`/orders/${",
    "open.vue": "<script>fetch('/orders'",
    "long.js": "fetch('/" + "a" * 1_200_000 + "')\n",
    "helpers.py": "import requests\n"
    + "def f0(p):\n    return requests.get('http://orders:8080' + p)\n"
    + "".join(f"def f{n}(p):\n    f{n - 1}(p + '/a')\n    return f{n - 1}(p + '/b')\n" for n in range(1, 30))
    + "f29('/orders')\n",
    "itself.py": "import requests\ndef f(p):\n    requests.get(p)\n    return f(p + '/x')\nf('/orders')\n",
    "cyclic.ts": "const a = () => b(); const b = () => a(); fetch(a() + '/orders');\n",
    "models.py": "import requests\n"
    + "".join(f"class A{n}:\n    a: A{(n + 1) % 40}\n    b: A{(n + 7) % 40}\n" for n in range(40))
    + "def f() -> A0:\n    return A0(**requests.get('http://orders:8080/orders/1').json())\n"
    + "print(f().a.b.a.b.a.b)\n",
}


@pytest.mark.parametrize("name", SOURCES)
def test_hostile_sources_take_bounded_time(name: str) -> None:
    start = time.process_time()
    find_facts(Snapshot.of({f"web/{name}": SOURCES[name]}), [f"web/{name}"])
    assert time.process_time() - start < 5 * SECONDS


SIZE = 60_000
FILLS = {
    "newlines": b"\n" * SIZE,
    "spaces": b" " * SIZE,
    "quotes": b"\"'`" * (SIZE // 3),
    "slashes": b'"' + b"/orders" * (SIZE // 7),
    "braces": b'"/orders/' + b"{" * SIZE,
    "locations": b"location " * (SIZE // 9),
    "location and spaces": b"location" + b" " * SIZE,
    "passes": b"location /a {\n" + b"proxy_pass http://a" * (SIZE // 19),
    "rewrites": b"location / {\nproxy_pass http://a;\n" + b"rewrite ^/a" * (SIZE // 11),
    "headers": b"// <auto-generated/>" * (SIZE // 20),
}


@pytest.mark.parametrize("fill", FILLS)
def test_patterns_take_linear_time(fill: str) -> None:
    data = FILLS[fill]
    paths = dict.fromkeys(("web/a.php", "web/a.rb", "web/a.erb"), ("web",))
    snapshot = Snapshot.of(dict.fromkeys(paths, data))
    readers: list[Callable[[], object]] = [
        lambda: list(find_mentions(snapshot, paths, OPERATIONS)),
        lambda: paths_in(data, OPERATIONS),
        lambda: is_client("a.cs", data),
        lambda: list(_in_nginx(data, [1])),
        partial(
            find_facts, Snapshot.of({"web/a.html": data, "web/a.vue": data}), ["web/a.html", "web/a.vue"]
        ),
    ]
    for read in readers:
        start = time.process_time()
        read()
        assert time.process_time() - start < SECONDS
