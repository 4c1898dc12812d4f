"""Which methods a stub speaks of that carries no descriptor: by the paths that it sends, or by its own
declarations of services (ts-proto, protobuf-ts, connect, grpc-java, C#, Ruby, Elixir, Swift).
"""

from __future__ import annotations

import re

from workspai_hooks.patterns import regex

MAX_BYTES = 16 * 1024 * 1024
_NAME = rb"[A-Za-z_]\w{0,200}"
_PATH = regex(rb"[\"'`]/(?:twirp/)?((?:" + _NAME + rb"\.){0,20}" + _NAME + rb"/" + _NAME + rb")[\"'`]")
_DECLARED = regex(
    rb"(?:ServiceName\s*=|\bfullName:|\btypeName:|\bnew ServiceType\(|\bSERVICE_NAME\s*="
    rb"|\bservice_name\s*=|\bGRPC\.Service,\s*name:|\bfullyQualifiedService:)\s*"
    rb"[\"'](?P<service>[A-Za-z_][\w.]{0,500})[\"']"
    rb"|(?:[{\n][ \t]*name:|\brpc\.\w+\(\s*this\.service,|\bSERVICE_NAME \+ '/' \+|\b__ServiceName,"
    rb"|\bmethod:)\s*[\"'](?P<method>" + _NAME + rb")[\"'](?!,\s{0,40}fullName:)"
    rb"|^[ \t]*rpc\(? ?:(?P<rpc>" + _NAME + rb"),",
    re.MULTILINE,
)


def methods(data: bytes) -> frozenset[str]:
    """The full names of methods in a stub of services: `pkg.Service/Method`; empty where it names none."""
    if len(data) > MAX_BYTES:
        return frozenset()
    found = {one[1].decode() for one in _PATH.finditer(data)}
    service = ""
    for one in _DECLARED.finditer(data):
        if one["service"]:
            service = one["service"].decode()
        elif service:
            found.add(f"{service}/{(one['method'] or one['rpc']).decode()}")
    return frozenset(found)
