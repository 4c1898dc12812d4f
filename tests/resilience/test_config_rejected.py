"""RT16 config-rejected: the same verdicts as the native runtimes, grpcio (C-core) and grpc-go."""

from __future__ import annotations

from pathlib import Path

import pytest

from resilience import native
from resilience.made_configs import made
from resilience.scenes import found
from resilience.service_configs import CONFIG, CONTRACT, PROTO, RETRY, line, method, scene
from workspai_hooks.resilience.grpc.reading import read_config
from workspai_hooks.resilience.grpc.values import Runtime
from workspai_hooks.resilience.sources import service_config

SEED, COUNT = 2026, 2000


@pytest.fixture(scope="module")
def configs() -> list[bytes]:
    return list(made(SEED, COUNT))


def disagreements(configs: list[bytes], answers: list[str], runtime: Runtime) -> list[tuple[bytes, str]]:
    """Configs that one takes and the other does not, with what the runtime says."""
    return [
        (config, answer)
        for config, answer in zip(configs, answers, strict=True)
        if bool(answer) != bool(read_config(config).rejected_by(runtime))
    ]


def test_the_same_configs_as_c_core(configs: list[bytes]) -> None:
    answers = native.core(configs)
    assert 0.3 < sum(map(bool, answers)) / COUNT < 0.7
    assert disagreements(configs, answers, Runtime.CORE) == []


def test_the_same_configs_as_grpc_go(configs: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> None:
    answers = native.go(native.grpc_go(tmp_path_factory), configs)
    assert 0.3 < sum(map(bool, answers)) / COUNT < 0.7
    assert disagreements(configs, answers, Runtime.GO) == []


CART = "shop.v1.Cart"


def retry(**values: object) -> dict[str, object]:
    return {**RETRY, **values}


@pytest.mark.parametrize(
    ("entry", "told", "at"),
    [
        (method(CART, timeout="10ms"), "C-core and grpc-go reject it: timeout", '"timeout"'),
        (method(CART, timeout=".5s"), "C-core rejects it, grpc-go takes it: timeout", '"timeout"'),
        (
            method(CART, retryPolicy=retry(maxAttempts="3")),
            "grpc-go rejects it, C-core",
            "maxAttempts",
        ),
        (method(CART, retryPolicy=retry(maxAttempts=1)), "C-core and grpc-go", "maxAttempts"),
        (method(CART, retryPolicy=retry(retryableStatusCodes=[14])), "C-core rejects it", "14"),
        (
            method(CART, retryPolicy=retry(retryableStatusCodes=["unavailable"])),
            "both",
            '"unavailable"',
        ),
        (method(CART, CART, timeout="1s"), "has a config already", None),
    ],
)
def test_one_finding_with_the_line(entry: dict[str, object], told: str, at: str | None) -> None:
    files = scene(entry)
    faults = found(files, "RT16")
    assert list(faults) == [f"file:{CONFIG}"]
    (one,) = faults.values()
    assert told.replace("both", "C-core and grpc-go reject it") in one.message
    assert "invalid as a native gRPC config" in one.message
    if at:
        assert one.location.line == line(files, at)


def test_all_reasons_are_told_at_once() -> None:
    wrong = retry(maxAttempts=1, initialBackoff="0s", maxBackoff="1m", backoffMultiplier=-1)
    (one,) = found(scene(method(CART, retryPolicy=wrong)), "RT16").values()
    assert "1 more" in one.message
    assert len(one.related) == 3


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "is empty"),
        (b'{"methodConfig": []}}', "is not JSON"),
        (b'{"methodConfig": [{"name": [{}],}]}', "is not JSON"),
        (b'// why\n{"methodConfig": []}', "is not JSON"),
        (b'\xef\xbb\xbf{"methodConfig": []}', "byte order mark"),
        (b'{"methodConfig": [], "methodConfig": []}', "stands twice"),
        (b'{"methodConfig": [], "x": "\xff"}', "is not UTF-8"),
        (b"[]", "is not an object"),
    ],
)
def test_what_is_no_config_at_all(data: bytes, told: str) -> None:
    (one,) = found({CONTRACT: PROTO, CONFIG: data}, "RT16").values()
    assert told in one.message


def test_valid_ones_and_balancers_of_a_program_of_its_own_are_quiet() -> None:
    files = scene(method(CART, timeout="1.5s", retryPolicy=RETRY), loadBalancingConfig=[{"ours_v1": {}}])
    assert found(files, "RT16") == {}


def test_the_oracle_is_the_release_that_the_rules_are_of() -> None:
    import grpc

    assert grpc.__version__.startswith("1.85."), "hold the rules against the new release, then say so in them"
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text()
    assert f"grpcio=={grpc.__version__}" in text


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ('"timeout": "500ms"', '"timeout": "0.500000000s"'),
        ('"timeout": ".5s"', '"timeout": "0.500000000s"'),
        ('"timeout": "2m"', '"timeout": "120s"'),
        ('"unavailable"', '"UNAVAILABLE"'),
        ('"Canceled", "aborted"', '"CANCELLED", "ABORTED"'),
    ],
)
def test_what_is_certainly_meant_is_offered(wrong: str, right: str) -> None:
    files = scene(method(CART, timeout="9s", retryPolicy=RETRY))
    kind = "timeout" if "timeout" in wrong else "UNAVAILABLE"
    old = '"timeout": "9s"' if kind == "timeout" else '"UNAVAILABLE"'
    text = str(files[CONFIG]).replace(old, wrong)
    assert _fixed(text) == text.replace(wrong, right)


@pytest.mark.parametrize("wrong", ['"timeout": "soon"', '"timeout": 5', '"timeout": "0ms"'])
def test_what_needs_a_decision_is_not(wrong: str) -> None:
    text = str(scene(method(CART, timeout="9s"))[CONFIG]).replace('"timeout": "9s"', wrong)
    assert _fixed(text) is None


def _fixed(text: str) -> str | None:
    (fault,) = (one for one in service_config.read(CONFIG, text.encode()).faults)
    if fault.fix is None:
        return None
    lines = text.split("\n")
    for edit in fault.fix.edits:
        assert [lines[edit.line - 1]] == list(edit.removed)
        lines[edit.line - 1] = edit.added[0]
    return "\n".join(lines)
