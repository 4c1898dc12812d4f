"""Surveys of any size, made from a seed: a shop that grew for years."""

from __future__ import annotations

import random

from workspai_hooks.report.report import Survey
from workspai_hooks.source import Location
from workspai_hooks.workspace.edges import Edge, Evidence, Tier
from workspai_hooks.workspace.services import Kind, Service

AREAS = ("billing", "catalog", "checkout", "customer", "delivery", "fraud", "inventory", "pricing", "search")
ROLES = ("api", "gateway", "worker", "service", "sync", "reports", "events", "admin", "cache")
STORES = ("postgres", "redis", "mongodb", "kafka", "elasticsearch", "rabbitmq")


def made(count: int, calls: int, seed: int = 1) -> Survey:
    """So many services and edges: calls go down a few layers, hubs are called by many, few go in circles."""
    dice = random.Random(seed)
    stores = max(1, count // 12)
    names = [f"{STORES[n % len(STORES)]}-{AREAS[n // len(STORES) % len(AREAS)]}" for n in range(stores)]
    names = sorted(dict.fromkeys(names))
    pool = [f"{area}-{role}" for area in AREAS for role in ROLES]
    pool += [f"{area}-{role}-{n}" for n in range(2, 9) for area in AREAS for role in ROLES]
    own = pool[: count - len(names)]
    dice.shuffle(own)
    services = [_service(name, dice, number) for number, name in enumerate(own)]
    services += [Service(name, Kind.INFRASTRUCTURE, (), (), (Location("compose.yaml"),)) for name in names]
    depth = max(2, min(7, len(own) // 3))
    rank = {name: min(depth - 1, int(depth * (number / len(own)) ** 0.8)) for number, name in enumerate(own)}
    below = {level: [name for name in own if rank[name] == level] for level in range(depth)}
    edges: dict[tuple[str, str, str], Edge] = {}
    while len(edges) < calls:
        at = dice.randrange(len(own))
        if names and dice.random() < 0.2:
            provider = dice.choice(names)
            protocol = provider.partition("-")[0]
        else:
            # Mostly the next layer, at times further down, seldom back; a few are called by many.
            level = rank[own[at]] + (dice.choice((1, 1, 1, 2, 3)) if dice.random() < 0.98 else -1)
            if not below.get(level):
                continue
            provider = below[level][int(len(below[level]) * dice.random() ** 2)]
            protocol = dice.choice(("grpc", "grpc", "http", "http", "kafka:orders"))
        tier = dice.choices(list(Tier), (8, 2, 1))[0]
        places = sorted({_place(own[at], dice) for _ in range(dice.randint(1, 3))})
        edges[own[at], provider, protocol] = Edge(own[at], provider, protocol, tier, tuple(places))
    return Survey(tuple(sorted(services, key=lambda one: one.name)), tuple(sorted(edges.values())))


def _service(name: str, dice: random.Random, number: int) -> Service:
    kind = Kind.EXTERNAL if number % 25 == 24 else Kind.APPLICATION
    roots = (f"services/{name}",) if kind is Kind.APPLICATION else ()
    return Service(name, kind, roots, (), (), owners=(f"@shop/{name.partition('-')[0]}",))


def _place(name: str, dice: random.Random) -> Evidence:
    file = dice.choice(("main.go", "clients.py", "src/client.ts", "deploy/values.yaml"))
    return Evidence(
        Location(f"services/{name}/{file}", dice.randint(1, 400)), dice.choice(("call", "address", "reads"))
    )
