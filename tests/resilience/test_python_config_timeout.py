"""RT17 python-config-timeout."""

from __future__ import annotations

from resilience.scenes import found
from resilience.service_configs import CONTRACT, PROTO, method, scene

CODE = """import grpc, json

OPTIONS = [
    ("grpc.service_config", json.dumps({"methodConfig": [
        {"name": [{"service": "shop.v1.Cart"}, {"service": "shop.v1.Stock"}],
         "timeout": "TIME"},
    ]})),
]
"""


def test_a_timeout_that_acts_too_early() -> None:
    (one,) = found({CONTRACT: PROTO, "client/dial.py": CODE.replace("TIME", "5s")}, "RT17").values()
    assert (one.location.path, one.location.line) == ("client/dial.py", 6)
    assert "acts after about 3.77 s" in one.message


def test_one_that_fails_each_call() -> None:
    (one,) = found({CONTRACT: PROTO, "client/dial.py": CODE.replace("TIME", "1s")}, "RT17").values()
    assert "fails each call at once" in one.message


def test_other_clients_read_it_rightly() -> None:
    assert found(scene(method("shop.v1.Cart", timeout="5s")), "RT17") == {}


def test_a_config_without_one() -> None:
    assert found({CONTRACT: PROTO, "client/dial.py": CODE.replace('"timeout": "TIME"', "")}, "RT17") == {}
