"""The model against reality: what it says of generated systems is what real Envoys and real gRPC do.

The policies are files that the sources read; the tries of each service, and who gives up first, are counted
at services that always fail, or hang. Counts do not depend on how fast the machine is; where times decide,
they are far apart (chains.py).
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent import futures
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
import yaml
from msgspec.structs import replace
from stubs.test_emit import envoy

from resilience.chains import Edge, Scenario, bootstrap, repository, route_of, scenarios
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.configuration import settings_of
from workspai_hooks.inspection.policies import view_of
from workspai_hooks.resilience.calls import Call
from workspai_hooks.resilience.checks import deadline_inversion
from workspai_hooks.resilience.model import Policy, effective_tries, worst_case_s
from workspai_hooks.resilience.view import View

ALL = scenarios()
FAILING = [one for one in ALL if one.end == "fail"]
HANGING = [one for one in ALL if one.end == "hang"]
FILES = repository(ALL)
LATE_S = 0.4
"""So much later than the model says a call may end on a machine with much else to do."""


@dataclass(frozen=True)
class Seen:
    """What happened: requests that reached each service, seconds of each hanging scenario's one request, and
    the callees that were still busy when their caller went away."""

    tries: Counter[str]
    seconds: Mapping[str, float]
    abandoned: frozenset[str]


@pytest.fixture(scope="module")
def view() -> View:
    snapshot = Snapshot.of(FILES, "work tree")
    found, undecided = view_of(snapshot, settings_of(snapshot), lambda _: None)
    assert undecided == []
    return found


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    envoy()
    for _ in range(4):
        try:
            return _run(tmp_path_factory.mktemp("envoy"))
        except TakenError:
            continue
    pytest.fail("Envoy finds no free ports")


class TakenError(Exception):
    """Somebody else has taken one of the ports meanwhile."""


def _run(folder: Path) -> Seen:
    """All scenarios, in one Envoy and one process of services."""
    edges = [(one, edge) for one in ALL for edge in one.edges]
    tries: Counter[str] = Counter()
    with ExitStack() as stack:
        calls, listening = stack.enter_context(grpc_services(tries))
        ports = free_ports(len(edges) + 2)
        admin, plain = ports[-1], ports[-2]
        entries = {}
        hops = []
        for (one, edge), port in zip(edges, ports, strict=False):
            action = route_of(FILES, edge)
            entries[edge] = port if action is not None else listening
            if action is not None:
                hops.append((one, edge, port, action))
        calls.update({name: channels(one, name, entries) for one in ALL for name in one.services})
        stack.enter_context(http_services(tries, plain, entries))
        leads = (
            (edge.provider, port, _next(one, edge, entries, plain, listening), action, one.protocol == "grpc")
            for one, edge, port, action in hops
        )
        stack.enter_context(proxy(bootstrap(leads, admin), folder, admin))
        for one in FAILING:
            _ask(one, plain, listening)
        seconds = _ask_at_once(HANGING, entries)
        time.sleep(0.3)  # what is abandoned is told to the inner hops
        abandoned = _abandoned(admin)
    return Seen(tries, seconds, abandoned)


def _next(one: Scenario, edge: Edge, entries: Mapping[Edge, int], plain: int, listening: int) -> int:
    """Where a hop leads: to the service; a hanging chain is of proxies alone, so that who gives up is told to
    all behind it."""
    following = one.of(edge.provider)
    if one.end == "hang" and following:
        return entries[following[0]]
    return listening if one.protocol == "grpc" else plain


# What is asked


@pytest.mark.parametrize("scenario", FAILING, ids=lambda one: one.name)
def test_a_service_that_fails_is_tried_as_often_as_the_model_says(
    scenario: Scenario, view: View, seen: Seen
) -> None:
    calls = {(one.consumer, one.provider): one for one in calls_of(view, scenario)}
    expected = {scenario.root: 1}
    for edge in scenario.edges:
        expected[edge.provider] = expected[edge.consumer] * calls[edge.consumer, edge.provider].tries
    assert {name: seen.tries[name] for name in scenario.services} == expected
    for end in scenario.ends:
        worst = view.paths.worst.get(end)
        assert (worst.amplification if worst else 1) == seen.tries[end]


@pytest.mark.parametrize("scenario", HANGING, ids=lambda one: one.name)
def test_a_service_that_hangs_is_tried_as_often_and_as_long_as_the_model_says(
    scenario: Scenario, view: View, seen: Seen
) -> None:
    calls = calls_of(view, scenario)
    tries, seconds = hanging([one.acting[0].effective_policy for one in calls])
    assert seen.tries[scenario.ends[0]] == tries, [one.acting for one in calls]
    assert -0.05 < seen.seconds[scenario.name] - seconds < LATE_S


def test_who_gives_up_first_is_who_the_model_says(view: View, seen: Seen) -> None:
    told = {one.element for one in deadline_inversion.find(view)}
    chains = {" -> ".join(one.services): one.services[-1] for one in HANGING if len(one.services) == 3}
    happened = {chain for chain, last in chains.items() if last in seen.abandoned}
    assert told & set(chains) == happened
    assert happened
    assert set(chains) - happened


def test_the_scenarios_differ() -> None:
    assert len(ALL) >= 30
    assert {len(one.edges) for one in ALL} >= {1, 2, 3}
    assert any(len(one.ends) > 1 for one in ALL)
    assert {kind for one in ALL for edge in one.edges for kind in edge.kinds} == {"envoy", "istio", "grpc"}


def calls_of(view: View, scenario: Scenario) -> list[Call]:
    """The calls of a scenario from its root on; of two protocols of one edge the one that is spoken."""
    found = {
        (one.consumer, one.provider): one
        for one in view.calls
        if one.protocol == scenario.protocol and (scenario.protocol != "grpc" or one.operation)
    }
    return [found[edge.consumer, edge.provider] for edge in scenario.edges]


def hanging(policies: Sequence[Policy]) -> tuple[int, float]:
    """Requests at the end of a chain that hangs, and how long the first caller waits, by the formulas."""
    first, *rest = policies
    if not rest:
        return effective_tries(first), worst_case_s(first) or 0.0
    (second,) = rest
    longest = worst_case_s(second) or 0.0
    single = min(longest, first.per_try_s if first.per_try_s is not None else longest)
    known = replace(first, per_try_s=single)
    whole = worst_case_s(known) or 0.0
    tries = 0
    for number in range(effective_tries(known)):
        left = min(single, whole - number * single)
        limit = left if second.timeout_s is None else min(left, second.timeout_s)
        tries += effective_tries(replace(second, timeout_s=limit))
    return tries, whole


# What runs


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in held]


@contextmanager
def proxy(config: Mapping[str, Any], folder: Path, admin: int) -> Iterator[None]:
    path = folder / "envoy.yaml"
    path.write_text(yaml.safe_dump(config))
    argv = [envoy(), "-c", str(path), "-l", "off", "--concurrency", "1", "--use-dynamic-base-id"]
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _until_ready(process, admin)
        yield
    finally:
        process.terminate()
        process.wait(10)


def _until_ready(process: subprocess.Popen[bytes], admin: int) -> None:
    for _ in range(400):
        if process.poll() is not None:
            raise TakenError
        try:
            if _get(admin, "/ready")[1].startswith("LIVE"):
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise AssertionError("Envoy is not ready")


_GONE = "downstream_cx_destroy_remote_active_rq%7Cdownstream_rq_rx_reset"
"""What Envoy counts when a caller goes away: a connection of HTTP/1, a stream of HTTP/2."""


def _abandoned(admin: int) -> frozenset[str]:
    """The hops whose caller went away while a request of it was under way."""
    text = _get(admin, f"/stats?filter={_GONE}&format=json")[1]
    rows = [row for row in json.loads(text)["stats"] if row.get("value")]
    return frozenset(row["name"].split(".")[1] for row in rows)


def _get(port: int, path: str) -> tuple[int, str]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.request.HTTPError as error:
        return error.code, ""


@contextmanager
def http_services(tries: Counter[str], port: int, entries: Mapping[Edge, int]) -> Iterator[None]:
    """All HTTP services, told apart by path: each calls its providers one after the other, and fails."""
    edges = {one.name: one for one in ALL}
    following = {name: one.of(name) for one in edges.values() for name in one.services}
    hanging_ends = {end for one in HANGING for end in one.ends}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                name = head.split(b" ")[1].decode().strip("/")
                tries[name] += 1
                if name in hanging_ends:
                    await reader.read()
                    break
                for edge in following[name]:
                    await request(entries[edge], edge.provider)
                writer.write(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n")
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def request(to: int, path: str) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", to)
        writer.write(f"GET /{path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode())
        await reader.read()
        writer.close()

    loop = asyncio.new_event_loop()
    try:
        server = loop.run_until_complete(asyncio.start_server(serve, "127.0.0.1", port))
    except OSError as error:
        raise TakenError from error
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.close()
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


Channels = Sequence[tuple[str, grpc.Channel]]


def channels(one: Scenario, name: str, entries: Mapping[Edge, int]) -> Channels:
    """A gRPC service's channels to its providers, each with the service config of its file."""
    found = []
    for edge in one.of(name) if one.protocol == "grpc" else ():
        config = FILES.get(f"services/{name}/{edge.provider}_grpc_service_config.json", "{}")
        options = [("grpc.service_config", config), ("grpc.use_local_subchannel_pool", 1)]
        found.append((edge.provider, grpc.insecure_channel(f"127.0.0.1:{entries[edge]}", options)))
    return found


@contextmanager
def grpc_services(tries: Counter[str]) -> Iterator[tuple[dict[str, Channels], int]]:
    """All gRPC services, told apart by their names: each calls its providers, and is unavailable."""
    calls: dict[str, Channels] = {}
    hanging_ends = {end for one in HANGING for end in one.ends}

    class Services(grpc.GenericRpcHandler):  # type: ignore[misc]
        def service(self, details: Any) -> Any:
            name = details.method.split("/")[1].removeprefix("chain.")

            def do(request: bytes, context: Any) -> bytes:
                tries[name] += 1
                while name in hanging_ends and context.is_active():
                    time.sleep(0.02)
                for provider, channel in calls[name]:
                    _do(channel, provider)
                context.abort(grpc.StatusCode.UNAVAILABLE, "down")
                return request

            return grpc.unary_unary_rpc_method_handler(do)

    server = grpc.server(futures.ThreadPoolExecutor(64), options=[("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers([Services()])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield calls, port
    finally:
        for each in calls.values():
            for _, channel in each:
                channel.close()
        server.stop(0).wait()


def _do(channel: grpc.Channel, name: str) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        channel.unary_unary(f"/chain.{name}/Do")(b"", timeout=20)
    assert raised.value.code() == grpc.StatusCode.UNAVAILABLE


def _do_at(port: int, name: str) -> None:
    """A call of one try."""
    with grpc.insecure_channel(f"127.0.0.1:{port}", [("grpc.enable_retries", 0)]) as channel:
        _do(channel, name)


def _ask(one: Scenario, plain: int, listening: int) -> None:
    if one.protocol == "grpc":
        _do_at(listening, one.root)
    else:
        assert _get(plain, f"/{one.root}")[0] == 503


def _ask_at_once(many: Sequence[Scenario], entries: Mapping[Edge, int]) -> dict[str, float]:
    """One request to the first proxy of each chain; all wait side by side."""

    def ask(one: Scenario) -> float:
        port = entries[one.edges[0]]
        begun = time.monotonic()
        if one.protocol == "grpc":
            _do_at(port, one.ends[0])
        else:
            assert _get(port, f"/{one.ends[0]}")[0] == 504
        return time.monotonic() - begun

    with futures.ThreadPoolExecutor(len(many)) as pool:
        return dict(zip((one.name for one in many), pool.map(ask, many), strict=True))
