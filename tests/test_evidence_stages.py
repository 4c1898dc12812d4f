"""What whole repositories showed: stages of one system, JSON with comments, stored events, queried tables."""

# ruff: noqa: E501 (small files, each on its line)

from __future__ import annotations

import json

import pytest
from test_edges import edges, pairs
from test_evidence_spring import application

from workspai_hooks.workspace.evidence.text import plain_json

NODE = '{"name": "x", "scripts": {"start": "node ."}}'
WRITES = "const nats = require('nats');\nnc.publish('readings', x);\n"
READS = "const nats = require('nats');\nnc.subscribe('readings', f);\n"


def stage(folder: str) -> dict[str, str]:
    return {
        f"{folder}/sensor/package.json": NODE,
        f"{folder}/sensor/index.js": WRITES,
        f"{folder}/screen/package.json": NODE,
        f"{folder}/screen/index.js": READS,
    }


def folders(*names: str) -> list[tuple[str, str]]:
    """The folders at the two ends of each edge."""
    files = {path: text for name in names for path, text in stage(name).items()}
    found = edges(files).all
    return sorted(
        {
            (one.evidence[0].location.path.partition("/")[0], one.evidence[1].location.path.partition("/")[0])
            for one in found
        }
    )


@pytest.mark.parametrize("names", [("step1", "step2"), ("01-start", "02-broker"), ("part-1", "part-2")])
def test_stages_of_one_system_know_nothing_of_each_other(names: tuple[str, ...]) -> None:
    assert folders(*names) == [(name, name) for name in names]


@pytest.mark.parametrize("names", [("east", "west"), ("v1", "west")])
def test_folders_without_numbers_are_no_stages(names: tuple[str, ...]) -> None:
    assert tuple(sorted(names)) in folders(*names)


def test_services_with_numbers_are_no_stages() -> None:
    files = {f"{name}/package.json": NODE for name in ("cart1", "cart2")}
    files |= {"cart1/index.js": WRITES, "cart2/index.js": READS}
    assert [one[:2] for one in pairs(files)] == [("cart2", "cart1")]


OCELOT = """{
  // Catalogue
  "Routes": [
    { "DownstreamPathTemplate": "/items", /* both */ "DownstreamHostAndPorts": [ { "Host": "stock", "Port": 80 }, ], },
    // { "DownstreamPathTemplate": "/old", "DownstreamHostAndPorts": [ { "Host": "other", "Port": 80 } ] },
  ]
}
"""


def test_json_with_comments_and_commas() -> None:
    compose = "services:\n  web: {build: web}\n  stock: {image: acme/stock}\n  other: {image: acme/other}\n"
    files = {
        "compose.yaml": compose,
        "web/Dockerfile": "FROM x\n",
        "web/ocelot.json": OCELOT,
        "web/A.cs": "run();\n",
    }
    assert pairs(files) == [("web", "stock", "http", "proven")]


@pytest.mark.parametrize(
    "text", ['{"a": "http://x//y"}', '{"a": "/* b */", "c": "d, ]"}', "a: b // c\n", '{"a": "\\\\"} // "b']
)
def test_texts_of_json_stay(text: str) -> None:
    assert plain_json(text.encode()).decode().strip() == text.removesuffix(' // "b').strip()


def test_lines_stay_where_comments_stood() -> None:
    data = plain_json(b'{\n/* a\n b */\n"c": [1, // d\n2,\n]}')
    assert json.loads(data) == {"c": [1, 2]}
    assert data.count(b"\n") == 5


ENTITY = (
    "import io.eventuate.*;\nclass Account extends ReflectiveMutableCommandProcessingAggregate<Account, C> {\n"
    "  List<Event> process(Open c) { return EventUtil.events(new AccountOpened(c.id()), new OwnerNamed(c)); }\n}\n"
)
HANDLER = (
    '@EventSubscriber(id = "view")\nclass View {\n  @EventHandlerMethod\n'
    "  public void opened(DispatchedEvent<%s> event) {}\n}\n"
)


@pytest.mark.parametrize(
    ("kind", "entity", "found"),
    [
        ("AccountOpened", ENTITY, True),
        ("OwnerNamed", ENTITY, True),
        ("AccountClosed", ENTITY, False),
        ("AccountOpened", ENTITY.replace("EventUtil.events", "log"), False),
        ("AccountOpened", ENTITY.replace("io.eventuate", "acme"), False),
    ],
)
def test_events_of_an_event_store(kind: str, entity: str, found: bool) -> None:
    files = {
        **application("view"),
        **application("accounts"),
        "view/src/main/java/View.java": "import io.eventuate.*;\n" + HANDLER % kind,
        "accounts/src/main/java/Account.java": entity,
    }
    assert [one[:2] for one in pairs(files)] == ([("view", "accounts")] if found else [])


SOURCE = {
    "connector.class": "io.confluent.connect.jdbc.JdbcSourceConnector",
    "connection.url": "jdbc:mysql://db:3306/shop?ssl=no",
    "table.whitelist": "items, orders",
    "topic.prefix": "mysql.shop.",
}


@pytest.mark.parametrize(
    ("change", "topic", "found"),
    [
        ({}, "mysql.shop.orders", True),
        ({}, "mysql.shop.people", False),
        ({"query": "select 1", "topic.prefix": "all-orders"}, "all-orders", True),
        ({"connection.url": "jdbc:mysql://db:3306/elsewhere"}, "mysql.shop.orders", False),
        ({"connector.class": "io.confluent.connect.jdbc.JdbcSinkConnector"}, "mysql.shop.orders", False),
    ],
)
def test_tables_that_a_connector_queries(change: dict[str, str], topic: str, found: bool) -> None:
    files = {
        **application("shop", "spring.datasource.url=jdbc:mysql://db:3306/shop\n"),
        **application("reader"),
        "reader/src/main/java/R.java": f'class R {{ @KafkaListener(topics = "{topic}") void on(String s) {{}} }}\n',
        "connectors/source.json": json.dumps({"name": "x", "config": SOURCE | change}, indent=1),
    }
    assert [one[:2] for one in pairs(files)] == ([("reader", "shop")] if found else [])


def test_a_destination_on_this_machine_in_settings_of_ones_own() -> None:
    code = '@ConfigurationProperties("gate")\nclass Gate { List<Route> routes; void go() { routes.forEach(this::add); } }\n'
    settings = "gate.routes[0].name=a\ngate.routes[0].target=localhost:8199\n"
    files = {
        **application("gate", settings),
        **application("stock", port=8199),
        "gate/src/main/java/Gate.java": code,
    }
    assert [one[:2] for one in pairs(files)] == [("gate", "stock")]
    assert pairs({**files, "gate/src/main/java/Gate.java": "class Gate {}\n"}) == []


def test_one_system_in_several_languages() -> None:
    assert folders("go", "python") == [("go", "go"), ("python", "python")]


def test_projects_of_several_application_hosts_are_called_alike() -> None:
    files = {}
    for name in ("Shop", "Blog"):
        host = f'var api = builder.AddProject<Projects.{name}_Api>("api");\nbuilder.AddProject<Projects.{name}_Web>("web").WithReference(api);\n'
        files[f"{name}/{name}.AppHost/AppHost.cs"] = f"var builder = X();\n{host}"
        for part in ("Api", "Web"):
            files[f"{name}/{name}.{part}/{name}.{part}.csproj"] = '<Project Sdk="Microsoft.NET.Sdk.Web"/>\n'
        files[f"{name}/{name}.Web/Program.cs"] = (
            'client.BaseAddress = new($"{(https ? "https" : "http")}://api");\n'
        )
    ends = {tuple(part.location.path.partition("/")[0] for part in one.evidence) for one in edges(files).all}
    assert len([one for one in edges(files).all if one.tier.value == "proven"]) == 2
    assert all(len(set(one)) == 1 for one in ends)
