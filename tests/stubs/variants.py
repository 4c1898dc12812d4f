"""Plans that ask for all or for little of what a template can do, with names that fit on no line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from stubs.policies import HEADER
from workspai_hooks.enrichment.service_config import service_config
from workspai_hooks.enrichment.values import Plan, Rpc, RpcService
from workspai_hooks.resilience.model import GRPC_CODES, Backoff, Breaker, Idempotency, Policy, Retry

LONG = "ThatHasANameWhichIsLongerThanMostLinesOfSourceEverywhereMayBeAndThenSome"
CONTRACT = "variants.proto"
KEY = "the_key2of_" + LONG.lower()
PROTO = f"""syntax = "proto3";
package variants.{LONG.lower()};
option java_package = "com.example.variants";
option java_multiple_files = true;
message Ask {{ string {KEY} = 1; }}
service Service{LONG} {{
  rpc Long{LONG} (Ask) returns (Ask);
  rpc Short (Ask) returns (Ask);
  rpc GetURL_ofThing2go (Ask) returns (Ask);
  rpc delete (Ask) returns (Ask);
  rpc Streamed (stream Ask) returns (stream Ask);
}}
service Few {{ rpc Streamed (stream Ask) returns (stream Ask); }}
"""
SERVICE = f"variants.{LONG.lower()}.Service{LONG}"
RPCS = (f"Long{LONG}", "Short", "GetURL_ofThing2go", "delete")


def variants(stub: str, facts: Mapping[str, object]) -> Iterator[tuple[str, Plan]]:
    """Every mixture of a deadline, retries, a key and a breaker, by a name."""
    for flags in product((False, True), repeat=4):
        deadline, retries, key, breaker = flags
        name = "".join("dhkb"[index] for index, flag in enumerate(flags) if flag) or "none"
        policy = Policy(
            "",
            Idempotency.KEYED if retries else Idempotency.UNKNOWN,
            KEY if key else "",
            timeout_s=1.2345 if deadline else None,
            retry=Retry(5, Backoff(0.0125, 2.5, 1.7), on_grpc=GRPC_CODES) if retries else None,
        )
        services = (
            RpcService(f"Service{LONG}", SERVICE, tuple(_rpc(one, policy) for one in RPCS)),
            RpcService("Few", f"variants.{LONG.lower()}.Few", (_rpc("Streamed", policy, True),)),
        )
        yield (
            name,
            Plan(
                header=HEADER.format(contract=CONTRACT),
                contract=CONTRACT,
                stub=stub,
                services=services,
                breaker=Breaker() if breaker else None,
                service_config=service_config(services),
                facts=facts,
            ),
        )


def _rpc(name: str, policy: Policy, streams: bool = False) -> Rpc:
    message = f"variants.{LONG.lower()}.Ask"
    return Rpc(name, f"/{SERVICE}/{name}", message, message, policy, streams, streams)
