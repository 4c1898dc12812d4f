"""Service configs in Go, Python and values: what stands where, and what is left alone."""

from __future__ import annotations

import pytest

from workspai_hooks.resilience.reading import Read
from workspai_hooks.resilience.sources import service_config_go, service_config_python, service_config_values

GO = """package client

import "google.golang.org/grpc"

const retries = `{
  "methodConfig": [{
    "name": [{"service": "shop.v1.Cart"}],
    "timeout": "10ms",
    "RetryPolicy": {"MaxAttempts": 3, "initialBackoff": ".1s", "maxBackoff": "1s",
      "backoffMultiplier": 2, "retryableStatusCodes": [14]}
  }]
}`

func dial(target, given string) {
	grpc.NewClient(target, grpc.WithDefaultServiceConfig(retries))
	grpc.NewClient(target, grpc.WithDefaultServiceConfig("{\\"loadBalancingPolicy\\": \\"roundrobin\\"}"))
	grpc.NewClient(target, grpc.WithDefaultServiceConfig(given))
}
"""


def go(text: str) -> Read:
    return service_config_go.read("client/dial.go", text.encode())


def python(text: str) -> Read:
    return service_config_python.read("client/dial.py", text.encode())


def told(read: Read) -> list[tuple[str, int, str]]:
    return [(one.rule, one.location.line, one.message) for one in read.faults]


def test_go_literals_by_name_and_in_place() -> None:
    read = go(GO)
    (rejected, balancer) = told(read)
    assert rejected[:2] == ("config-rejected", 8)
    assert "grpc-go rejects it: timeout in the config of shop.v1.Cart is not a duration" in rejected[2]
    assert balancer[:2] == ("policy-ignored", 16)
    assert "'round_robin' is one" in balancer[2]
    (said,) = read.said
    assert (said.scope, said.caller, said.location.line) == ("shop.v1.Cart", "client/dial.go", 7)


def test_what_go_alone_takes_is_no_fault_of_a_go_program() -> None:
    assert told(go(GO.replace('"10ms"', '".01s"'))) == [told(go(GO))[1]]


def test_a_client_that_may_make_more_tries() -> None:
    config = '{"methodConfig": [{"name": [{}], "retryPolicy": {"maxAttempts": 9, "initialBackoff": "1s", '
    config += '"maxBackoff": "1s", "backoffMultiplier": 1, "retryableStatusCodes": ["UNAVAILABLE"]}}]}'
    text = f"package a\nvar _ = grpc.WithDefaultServiceConfig(`{config}`)\n"
    assert [one[0] for one in told(go(text))] == ["policy-ignored"]
    assert told(go(f"{text}var _ = grpc.WithMaxCallAttempts(9)\n")) == []


def test_a_text_that_is_made_at_run_time_is_a_question() -> None:
    made = 'package a\nvar _ = grpc.WithDefaultServiceConfig(fmt.Sprintf(`{"methodConfig": [%s]}`, one))\n'
    assert [one.what for one in go(made).undecided] == ["client/dial.go:2"]
    policy = (
        'package a\nvar _ = grpc.WithDefaultServiceConfig(fmt.Sprintf(`{"loadBalancingPolicy": %q}`, x))\n'
    )
    assert go(policy) == Read()


PYTHON = """import json
import grpc

CONFIG = {
    "methodConfig": [
        {
            "name": [{"service": "shop.v1.Cart", "method": METHOD}, {}],
            "timeout": "2s",
            # three tries
            "retryPolicy": {
                "maxAttempts": tries,
                "initialBackoff": f"{first}s",
                "maxBackoff": "1m",
                "backoffMultiplier": 2,
                "retryable_status_codes": ["UNAVAILABLE"],
            },
        }
    ]
}


def dial(target):
    options = [("grpc.enable_retries", 1), ("grpc.service_config", json.dumps(CONFIG))]
    return grpc.insecure_channel(target, options=options)
"""


def test_python_literals_are_judged_by_what_is_known_of_them() -> None:
    (rejected, key) = sorted(told(python(PYTHON)))
    assert rejected[:2] == ("config-rejected", 13)
    assert "maxBackoff in the config of all services is not a duration" in rejected[2]
    assert "maxAttempts" not in rejected[2]
    assert "retryableStatusCodes in the config of all services is missing" in rejected[2]
    assert key[:2] == ("policy-ignored", 15)
    (said,) = python(PYTHON).said
    assert (said.scope, said.timeout_s, said.line_of("timeout_s").line) == ("", 2.0, 8)


@pytest.mark.parametrize(
    "option",
    [
        """("grpc.service_config", '{"methodConfig": [{"name": [{}], "timeout": 5}]}')""",
        """["grpc.service_config", '{"methodConfig": '\n '[{"name": [{}], "timeout": 5}]}']""",
        """{"grpc.service_config": json.dumps({"methodConfig": [{"name": [{}], "timeout": 5}]})}""",
    ],
)
def test_python_options_of_every_shape(option: str) -> None:
    (one,) = told(python(f"import grpc\nchannel = grpc.insecure_channel(target, options={option})\n"))
    assert one[:2] == ("config-rejected", 2)
    assert "C-core rejects it: timeout in the config of all services" in one[2]


@pytest.mark.parametrize(
    "value", ["config", "json.dumps(config)", "json.dumps({**config})", "f'{config}'", "load()", "''.join(a)"]
)
def test_what_is_not_known_is_left_alone(value: str) -> None:
    assert python(f"import grpc\noptions = [('grpc.service_config', {value})]\n") == Read()


def test_tests_and_the_code_of_others_are_not_looked_at() -> None:
    assert service_config_go.wanted("client/dial.go")
    assert not service_config_go.wanted("client/dial_test.go")
    assert not service_config_go.wanted("vendor/google.golang.org/grpc/dialoptions.go")
    assert not service_config_python.wanted("tests/test_dial.py")


COMPOSE = """services:
  cart:
    image: cart
    environment:
      GRPC_CONFIG: '{"methodConfig": [{"name": [{"service": "shop.v1.Cart"}], "timeout": "10ms"}]}'
      OTHER: "{}"
"""
POD = """kind: ConfigMap
apiVersion: v1
data:
  grpc.json: |
    {"methodConfig": [{"name": [{}], "retry_policy": {}}]}
"""


def values(path: str, text: str) -> Read:
    assert service_config_values.wanted(path)
    return service_config_values.read(path, text.encode())


def test_variables_and_config_maps() -> None:
    (one,) = told(values("compose.yaml", COMPOSE))
    assert one[:2] == ("config-rejected", 5)
    (two,) = told(values("deploy/config.yaml", POD))
    assert two[0] == "policy-ignored"
    assert two[1] in (4, 5)
    line = """GRPC_CONFIG='{"methodConfig": [{"name": [{}], "timeout": 1}]}'\n"""
    assert [one[:2] for one in told(values(".env", f"A=1\n{line}"))] == [("config-rejected", 2)]


def test_values_that_a_template_fills_in_are_a_question() -> None:
    read = values("deploy/config.yaml", POD.replace("[{}]", "[{{ .Values.names }}]"))
    assert [one.what for one in read.undecided] == ["deploy/config.yaml:4"]
    assert read.faults == ()


def test_values_that_are_something_else() -> None:
    assert values("deploy/config.yaml", "methodConfig: {a: 1}\nb: 'see methodConfig'\n") == Read()
