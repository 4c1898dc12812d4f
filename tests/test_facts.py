"""Beyond one repository: facts exported in one are read in another, offline, and a break names its lines."""

from __future__ import annotations

import hashlib
import json
import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from conftest import SHOP, Scratch

from workspai_hooks.configuration import read
from workspai_hooks.errors import UsageError
from workspai_hooks.facts import identity
from workspai_hooks.workspace.elsewhere.layout import SCHEMA, FactsError, decode

Cli = Callable[..., subprocess.CompletedProcess[str]]

ORDERS = "protos/bookshop/orders/v1/orders.proto"
MAIL = "protos/bookshop/mail/v1/mail.proto"
LISTED = "facts:\n  - path: facts/letters.json\n"


def part_of_the_shop(root: Path, *removed: str) -> Scratch:
    """The shop without some of its files and folders, as a repository of its own."""
    shutil.copytree(SHOP, root, ignore=shutil.ignore_patterns("__pycache__", "truth.json"))
    made = Scratch.init(root)
    made.repo.git.add("--all")
    if removed:
        made.repo.git.rm("-r", "--quiet", "--force", "--", *removed)
    made.commit("a part of the shop")
    return made


def services_but(*kept: str) -> list[str]:
    """The folders of all other services."""
    return [
        f"services/{path.name}" for path in sorted((SHOP / "services").iterdir()) if path.name not in kept
    ]


@pytest.fixture(scope="session")
def letters(tmp_path_factory: pytest.TempPathFactory, cli: Cli) -> bytes:
    """The facts of a repository that has the mailer alone, with its copy of the contracts."""
    root = tmp_path_factory.mktemp("facts") / "letters"
    made = part_of_the_shop(root, *services_but("mailer"), "deploy", "compose.yaml")
    made.repo.create_remote("origin", "https://me:secret@forge.example/books/letters.git")
    done = cli(made.root, "facts", "export", str(made.root.parent / "letters.json"))
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    return (made.root.parent / "letters.json").read_bytes()


@pytest.fixture
def shop_without_mailer(tmp_path: Path) -> Scratch:
    made = part_of_the_shop(tmp_path / "shop", "services/mailer", "deploy/k8s/mailer.yaml", "deploy/chart")
    return made.branch("topic")


def verdicts(done: subprocess.CompletedProcess[str], element: str) -> dict[str, dict[str, Any]]:
    value = json.loads(done.stdout)
    finding = next(one for one in value["findings"] if one["element"] == element)
    return {consumer["service"]: consumer for consumer in finding["consumers"]}


def without_gift_note(made: Scratch) -> Scratch:
    return made.replace(ORDERS, "  optional string gift_note = 8;\n", "")


def test_export_twice_gives_the_same_bytes_and_tells_no_secret(
    letters: bytes, tmp_path: Path, cli: Cli
) -> None:
    facts = json.loads(letters)
    assert facts["schema"] == SCHEMA
    assert (facts["repository"]["name"], facts["repository"]["url"]) == (
        "letters",
        "forge.example/books/letters",
    )
    assert b"secret" not in letters
    made = part_of_the_shop(tmp_path / "shop")
    first, second = (cli(made.root, "facts", "export", "-", WORKSPAI_INDEX=index) for index in ("off", "on"))
    assert first.returncode == 0
    assert first.stdout == second.stdout
    assert cli(made.root, "facts", "export", "-").stdout == first.stdout


def test_a_break_names_the_lines_of_another_repository(
    letters: bytes, shop_without_mailer: Scratch, cli: Cli
) -> None:
    made = shop_without_mailer.write({".workspai.yaml": LISTED, "facts/letters.json": letters})
    made.replace(ORDERS, "    string title = 2;\n", "")
    done = cli(made.root, "check", "--format", "json")
    assert done.returncode == 1, done.stderr
    found = verdicts(done, "bookshop.orders.v1.Order.Line.title")
    mailer = found["letters:mailer"]
    assert (mailer["verdict"], mailer["repository"]) == ("breaks", "letters")
    assert mailer["hits"] == ["running", "build"]
    assert mailer["owners"] == ["@bookshop/backend", "@letter-writer"]
    assert {site["path"] for site in mailer["sites"]} >= {"services/mailer/templates/receipt.html"}
    assert {site["side"] for site in mailer["sites"]} == {"base", "head"}
    assert all(consumer["repository"] is None for name, consumer in found.items() if ":" not in name)
    told = cli(made.root, "check", COLUMNS="160").stdout
    assert "letters:services/mailer/templates/receipt.html:" in told


def test_without_the_facts_nobody_outside_is_named(shop_without_mailer: Scratch, cli: Cli) -> None:
    made = shop_without_mailer.replace(ORDERS, "    string title = 2;\n", "")
    found = verdicts(cli(made.root, "check", "--format", "json"), "bookshop.orders.v1.Order.Line.title")
    assert not [name for name in found if ":" in name]


def test_who_calls_what_breaks_elsewhere_is_exposed(
    letters: bytes, shop_without_mailer: Scratch, cli: Cli
) -> None:
    """orders calls the mailer, which is in another repository and breaks: the way leads across."""
    made = shop_without_mailer.write({".workspai.yaml": LISTED, "facts/letters.json": letters})
    done = cli(made.root, "impact", "bookshop.common.v1.Money.cents", "--format", "json")
    consumers = {one["service"]: one for one in json.loads(done.stdout)["elements"][0]["consumers"]}
    assert consumers["letters:mailer"]["verdict"] == "breaks"
    made.replace(MAIL, "rpc SendReceipt(", "rpc PostReceipt(")
    found = verdicts(cli(made.root, "check", "--format", "json"), "bookshop.mail.v1.Mailer/SendReceipt")
    assert (found["letters:mailer"]["role"], found["letters:mailer"]["path"]) == (
        "provider",
        ["letters:mailer"],
    )
    assert found["storefront"]["verdict"] == "exposed"
    assert found["storefront"]["hops"][0]["from"] == "storefront"


def test_a_consumer_outside_is_exposed_to_a_break_here(tmp_path: Path, cli: Cli) -> None:
    web = part_of_the_shop(tmp_path / "web", *services_but("storefront"), "deploy", "compose.yaml")
    facts = cli(web.root, "facts", "export", "-", "--name", "web").stdout
    made = part_of_the_shop(tmp_path / "shop", "services/storefront", "deploy/k8s/storefront.yaml").branch(
        "topic"
    )
    made.write({".workspai.yaml": "facts: [{path: facts}]\n", "facts/web.json": facts})
    made.replace("protos/bookshop/stock/v1/stock.proto", "rpc Reserve(", "rpc Hold(")
    found = verdicts(cli(made.root, "check", "--format", "json"), "bookshop.stock.v1.StockRoom/Reserve")
    assert found["orders"]["verdict"] == "breaks"
    assert found["web:storefront"]["verdict"] == "exposed"
    assert found["web:storefront"]["path"] == ["web:storefront", "orders"]


def test_own_facts_are_left_out(letters: bytes, shop_without_mailer: Scratch, cli: Cli) -> None:
    made = shop_without_mailer.write({".workspai.yaml": LISTED, "facts/letters.json": letters})
    made.repo.create_remote("origin", "git@forge.example:books/letters.git")
    without_gift_note(made)
    found = verdicts(cli(made.root, "check", "--format", "json"), "bookshop.orders.v1.Order.gift_note")
    assert not [name for name in found if ":" in name]


def test_a_closed_contract_needs_all_of_its_facts(
    letters: bytes, shop_without_mailer: Scratch, cli: Cli
) -> None:
    pinned = hashlib.sha256(letters).hexdigest()
    made = shop_without_mailer.write(
        {
            ".workspai.yaml": "contracts: [{package: bookshop.events.v1, closed: true}]\n"
            f"facts: [{{url: 'https://forge.example/letters.json', sha256: {pinned}}}]\n"
        }
    )
    made.replace("protos/bookshop/orders/v1/orders.proto", "// Takes orders", "// Still takes orders")
    assert cli(made.root, "check").returncode == 0, "a change that breaks nothing asks nobody"
    without_gift_note(made)
    value = json.loads(cli(made.root, "check", "--format", "json").stdout)
    assert [one["remedy"] for one in value["undecided"]] == ["workspai-hooks facts update"]
    kept = made.root / ".git/workspai-hooks/facts"
    kept.mkdir(parents=True, exist_ok=True)
    (kept / pinned).write_bytes(letters)
    value = json.loads(cli(made.root, "check", "--format", "json").stdout)
    assert value["undecided"] == []
    assert "letters:mailer" in {one["service"] for one in value["findings"][0]["consumers"]}
    (kept / pinned).write_bytes(letters.replace(b"mailer", b"nobody"))
    done = cli(made.root, "check", "--format", "json", WORKSPAI_INDEX="off")
    assert "not what is pinned" in json.loads(done.stdout)["undecided"][0]["why"]


@pytest.mark.parametrize(
    "path", ["/etc/facts.json", "../other/facts.json", "a/../../b.json", "~/facts", "C:/facts"]
)
def test_a_path_out_of_the_repository_is_refused(path: str) -> None:
    with pytest.raises(UsageError, match="is outside of the repository; only your own"):
        read(f"facts: [{{path: {path!r}}}]\n".encode())


def test_a_link_is_not_followed(
    letters: bytes, shop_without_mailer: Scratch, cli: Cli, tmp_path: Path
) -> None:
    (tmp_path / "outside.json").write_bytes(letters)
    made = shop_without_mailer.write({".workspai.yaml": LISTED})
    (made.root / "facts").mkdir()
    (made.root / "facts/letters.json").symlink_to(tmp_path / "outside.json")
    made.repo.git.add("--all")
    value = json.loads(cli(without_gift_note(made).root, "check", "--format", "json").stdout)
    assert value["undecided"][0]["what"] == "facts at facts/letters.json"
    assert not [one for one in value["findings"][0]["consumers"] if ":" in one["service"]]


def test_the_users_own_configuration_may_list_what_is_outside(
    letters: bytes, shop_without_mailer: Scratch, cli: Cli, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    (home / "workspai").mkdir(parents=True)
    (tmp_path / "collected").mkdir()
    (tmp_path / "collected/a.json").write_bytes(letters)
    (home / "workspai/config.yaml").write_text("facts:\n  - path: ../../collected\n")
    made = without_gift_note(shop_without_mailer)
    done = cli(made.root, "check", "--format", "json", XDG_CONFIG_HOME=str(home))
    assert "letters:mailer" in verdicts(done, "bookshop.orders.v1.Order.gift_note")
    (home / "workspai/config.yaml").write_text("fail_on: note\n")
    assert cli(made.root, "check", XDG_CONFIG_HOME=str(home)).returncode == 2


HOSTILE = {
    "no JSON": b"\x00\xff{",
    "deep": b"[" * 200_000,
    "a later schema": b'{"schema": "workspai-hooks/facts/2"}',
    "another type": b'{"schema": "workspai-hooks/facts/1", "repository": {"name": 7}}',
    "deep inside": b'{"schema": "workspai-hooks/facts/1", "x": ' + b"[" * 200_000,
    "edge to nobody": b'{"schema": "workspai-hooks/facts/1", "repository": {"name": "x"}, '
    b'"edges": [[0, 9, "", []]]}',
    "a number too large": b'{"schema": "workspai-hooks/facts/1", "repository": {"name": "x"}, '
    b'"opaque": [[99999999999999999999, "", ""]]}',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused(name: str) -> None:
    with pytest.raises(FactsError):
        decode(HOSTILE[name])


def test_a_file_that_lies_inside_is_an_open_question(shop_without_mailer: Scratch, cli: Cli) -> None:
    lying = {
        "schema": SCHEMA,
        "repository": {"name": "liar\x1b[31m"},
        "services": [{"name": "a"}],
        "packages": [
            {
                "name": "bookshop.orders.v1",
                "paths": ["a.py"],
                "words": ["x"],
                "uses": {"bookshop.orders.v1.Order.gift_note": [[0, 5, 1, 1, 0, 0, 0]]},
            }
        ],
    }
    files = {".workspai.yaml": LISTED, "facts/letters.json": json.dumps(lying)}
    made = without_gift_note(shop_without_mailer.write(files))
    done = cli(made.root, "check", "--format", "json")
    assert done.returncode == 1
    assert "points nowhere" in json.loads(done.stdout)["undecided"][0]["why"]
    assert "\x1b" not in cli(made.root, "check").stdout


@pytest.mark.parametrize(
    ("origin", "name", "url"),
    [
        ("https://me:token@Forge.example/a/web.git", "web", "forge.example/a/web"),
        ("git@forge.example:a/web.git", "web", "forge.example/a/web"),
        ("ssh://git@forge.example:2222/a/web", "web", "forge.example/a/web"),
        ("/srv/git/web.git", "web", ""),
        ("file:///srv/git/web", "web", ""),
        ("", "folder", ""),
    ],
)
def test_a_repository_is_called_as_its_remote(origin: str, name: str, url: str) -> None:
    found = identity(origin, "folder")
    assert (found.name, found.url) == (name, url)


class _Answers(BaseHTTPRequestHandler):
    facts = b""

    def do_GET(self) -> None:
        match self.path:
            case "/facts.json":
                self.send_response(200)
                self.end_headers()
                self.wfile.write(self.facts)
            case "/moved":
                self._to("/facts.json")
            case "/insecure":
                self._to(f"http://localhost:{self.server.server_address[1]}/facts.json")
            case "/endless":
                self.send_response(200)
                self.end_headers()
                try:
                    for _ in range(40):
                        self.wfile.write(b" " * (1 << 20))
                except OSError:
                    return
            case _:
                self.send_error(404)

    def _to(self, place: str) -> None:
        self.send_response(302)
        self.send_header("Location", place)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing on the test's output."""


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    if shutil.which("openssl") is None:
        pytest.skip("a TLS server needs a certificate, and openssl makes it")
    folder = tmp_path_factory.mktemp("tls")
    key, made = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
            ),
            *("-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(made)),
        ],
        check=True,
        capture_output=True,
    )
    return key, made


@pytest.fixture
def server(letters: bytes, certificate: tuple[Path, Path]) -> Iterator[str]:
    """https://localhost:<port>, for who trusts the certificate."""
    key, made = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)
    _Answers.facts = letters
    running = ThreadingHTTPServer(("localhost", 0), _Answers)
    running.socket = context.wrap_socket(running.socket, server_side=True)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield f"https://localhost:{running.server_address[1]}"
    running.shutdown()
    running.server_close()


def listing(made: Scratch, url: str, sha256: str) -> Scratch:
    return made.write({".workspai.yaml": f"facts:\n  - url: {url}\n    sha256: {sha256}\n"})


def test_update_keeps_what_is_pinned(
    letters: bytes, shop_without_mailer: Scratch, cli: Cli, server: str, certificate: tuple[Path, Path]
) -> None:
    pinned = hashlib.sha256(letters).hexdigest()
    made = listing(shop_without_mailer, f"{server}/moved", pinned)
    trust = {"SSL_CERT_FILE": str(certificate[1])}
    done = cli(made.root, "facts", "update", **trust)
    assert (done.returncode, done.stdout) == (0, "1 of 1 facts files that are listed by URL are here\n"), (
        done.stderr
    )
    assert [path.name for path in (made.root / ".git/workspai-hooks/facts").iterdir()] == [pinned]
    assert made.repo.untracked_files == []
    found = verdicts(
        cli(without_gift_note(made).root, "check", "--format", "json"), "bookshop.orders.v1.Order.gift_note"
    )
    assert "letters:mailer" in found
    told = cli(made.root, "facts", "update", "--pin", **trust).stdout
    assert told == f"facts:\n  - url: {server}/moved\n    sha256: {pinned}\n"


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("facts.json", "its sha256 is "),
        ("nowhere", "404"),
        ("insecure", "which is not https"),
        ("endless", "more than 32 MiB"),
    ],
)
def test_update_keeps_nothing_else(
    shop_without_mailer: Scratch, cli: Cli, server: str, certificate: tuple[Path, Path], page: str, said: str
) -> None:
    made = listing(shop_without_mailer, f"{server}/{page}", "0" * 64)
    done = cli(made.root, "facts", "update", SSL_CERT_FILE=str(certificate[1]))
    assert done.returncode == 3
    assert said in done.stderr
    assert list((made.root / ".git/workspai-hooks/facts").iterdir()) == []


def test_a_certificate_that_nobody_knows_is_refused(
    shop_without_mailer: Scratch, cli: Cli, server: str
) -> None:
    made = listing(shop_without_mailer, f"{server}/facts.json", "0" * 64)
    done = cli(made.root, "facts", "update")
    assert done.returncode == 3
    assert "CERTIFICATE_VERIFY_FAILED" in done.stderr


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{url: 'http://a.example/x', sha256: x}", "sha256 must be 64"),
        ("{url: 'http://a.example/x'}", "must be https://"),
        ("{url: 'https://me:pw@a.example/x'}", "without credentials"),
        ("{path: a, url: 'https://a.example/x'}", "a path or a url"),
        ("{name: x}", "a path or a url"),
        ("{path: a, sha256: x}", "sha256 is for a url"),
    ],
)
def test_a_wrong_entry_is_refused(entry: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read(f"facts: [{entry}]\n".encode())
