"""Evidence that whole systems showed: settings nobody asks for, members of settings, captured tables."""

from __future__ import annotations

import pytest
from test_edges import pairs
from test_services import GO, WEB, found, workload

from workspai_hooks.workspace.edges.topics import orders
from workspai_hooks.workspace.files import is_read_at_run_time, is_test
from workspai_hooks.workspace.names import image_name

SPRING = "@SpringBootApplication class App {}\n"
POM = "<project><build><plugins><plugin>spring-boot-maven-plugin</plugin></plugins></build></project>\n"
BOTH = (
    "services:\n  cart: {build: cart}\n  web:\n    build: web\n    environment:\n"
    "      SHOP_SERVICES_CART: http://cart/api\n"
)
URLS = '@ConfigurationProperties(prefix = "shop.services")\nrecord Urls(String cart, String stock) {}\n'
ASKS = "class Client { String at(Urls urls) { return urls.cart(); } }\n"
PROPERTIES = "shop.services.cart=http://elsewhere.example/cart\n"
SPEAKS = [("web", "cart", "http", "proven")]


def spring(**files: str) -> dict[str, str]:
    return {
        "compose.yaml": BOTH,
        "cart/main.go": GO,
        "cart/Dockerfile": "FROM golang\n",
        "web/pom.xml": POM,
        "web/Dockerfile": "FROM openjdk\n",
        "web/src/main/java/App.java": SPRING,
        "web/src/main/resources/application.properties": PROPERTIES,
    } | {name.replace("__", "/") + ".java": text for name, text in files.items()}


def test_a_setting_that_the_code_asks_its_class_for_is_read() -> None:
    assert pairs(spring(web__src__Urls=URLS, web__src__Client=ASKS)) == SPEAKS


def test_a_setting_that_is_only_declared_is_read_by_nobody() -> None:
    assert pairs(spring()) == []
    assert pairs(spring(web__src__Urls=URLS)) == []
    assert pairs(spring(web__src__Urls=URLS, web__src__Client=ASKS.replace("cart", "stock"))) == []


def test_a_settings_class_of_a_library_counts_where_its_member_is_asked_for() -> None:
    assert pairs(spring(common__src__Urls=URLS, web__src__Client=ASKS)) == SPEAKS
    assert pairs(spring(common__src__Urls=URLS)) == []


def test_a_frameworks_setting_needs_no_code() -> None:
    files = spring() | {"compose.yaml": BOTH.replace("SHOP_SERVICES_CART", "SPRING_CLOUD_GATEWAY_CART")}
    files["web/src/main/resources/application.properties"] = "spring.cloud.gateway.cart=x\n"
    assert pairs(files) == SPEAKS


def test_a_files_of_continuous_integration_read_nothing() -> None:
    files = {
        "compose.yaml": BOTH,
        "cart/main.go": GO,
        "cart/Dockerfile": "FROM golang\n",
        "web/main.go": GO,
        "web/Dockerfile": "FROM golang\n",
        "web/.gitlab-ci.yml": "test:\n  variables: {SHOP_SERVICES_CART: http://cart}\n",
    }
    assert pairs(files) == []
    for path in (
        "a/Jenkinsfile",
        "azure-pipelines.yml",
        ".circleci/config.yml",
        "src/it/resources/a.properties",
    ):
        assert not is_read_at_run_time(path), path
    assert is_test("web/src/it/java/App.java")
    assert is_read_at_run_time("web/src/item/App.java")


CONFIG = "kafkaTopics:\n  paid: {topicName: order_paid}\n  open: {topicName: order_open}\n"
WRITES = (
    'package main\n\nimport "github.com/segmentio/kafka-go"\n\nfunc main() {\n'
    "\tw.WriteMessages(ctx, kafka.Message{Topic: s.cfg.KafkaTopics.Paid.TopicName, Value: data})\n}\n"
)
READS = (
    'package main\n\nimport "github.com/segmentio/kafka-go"\n\nfunc main() {\n\tm, _ := r.FetchMessage(ctx)\n'
    "\tswitch m.Topic {\n\tcase s.cfg.KafkaTopics.Paid.TopicName:\n\t\ts.paid(m)\n\t}\n}\n"
)


def go(web: str, cart: str, config: str = CONFIG) -> dict[str, str]:
    return {
        "web/main.go": web,
        "web/Dockerfile": "FROM golang\n",
        "web/config/config.yaml": config,
        "cart/main.go": cart,
        "cart/Dockerfile": "FROM golang\n",
        "cart/config/config.yaml": CONFIG,
    }


def test_a_topic_is_a_member_of_the_configuration_and_a_case_of_the_reader() -> None:
    assert pairs(go(READS, WRITES)) == [("web", "cart", "kafka:order_paid", "proven")]


@pytest.mark.parametrize(
    ("reader", "config"),
    [
        (READS.replace("Paid", "Open"), CONFIG),
        (READS.replace("m.Topic", "m.Kind"), CONFIG),
        (READS.replace("r.FetchMessage(ctx)", "r.Next()"), CONFIG),
        (READS, "other:\n  paid: {topicName: order_paid}\n"),  # no two parts in common but by another holder
        (READS, CONFIG + "more:\n  kafkaTopics:\n    paid: {topicName: a_b}\n"),
    ],
)
def test_what_names_no_topic(reader: str, config: str) -> None:
    if config.startswith("other"):
        reader = reader.replace("KafkaTopics.Paid", "KafkaTopics.Sold")
    expected = [("web", "cart", "kafka:order_paid", "proven")] if config.endswith("a_b}\n") else []
    assert pairs(go(reader, WRITES, config)) == expected


def test_an_order_depends_on_its_one_handler() -> None:
    config = "kafkaTopics:\n  paid: {topicName: create_order}\n"
    files = go(READS, WRITES, config) | {"cart/config/config.yaml": config}
    assert pairs(files) == [("cart", "web", "kafka:create_order", "proven")]
    second = {"stock/main.go": READS, "stock/Dockerfile": "FROM golang\n", "stock/config/config.yaml": config}
    assert [row[:2] for row in pairs(files | second)] == [("stock", "cart"), ("web", "cart")]


def test_names_of_orders() -> None:
    assert all(
        map(orders, ("create-order", "product_delete", "mail.commands", "sendMail", "payment-request"))
    )
    assert not any(
        map(orders, ("order-created", "price-update", "create", "orders", "mail-sent", "requested"))
    )


CONNECTOR = (
    '{"connector.class": "io.debezium.connector.postgresql.PostgresConnector", "database.dbname": "shop",'
    ' "topic.prefix": "dbshop", "table.include.list": "public.item,public.price"}\n'
)
LISTENS = '@KafkaListener(topics = "dbshop.public.item") void on(String text) {}\n'


def captured(connector: str, path: str = "kafka/connects/items.json") -> list[tuple[str, str, str, str]]:
    return pairs(
        {
            "compose.yaml": "services:\n  db: {image: postgres}\n  cart:\n    build: cart\n    environment:\n"
            "      DATABASE_URL: postgres://db:5432/shop\n  web: {build: web}\n",
            "cart/main.go": GO,
            "cart/Dockerfile": "FROM golang\n",
            "web/pom.xml": POM,
            "web/Dockerfile": "FROM openjdk\n",
            "web/src/main/java/App.java": SPRING + LISTENS,
            path: connector,
        }
    )


def test_captured_tables_are_published_by_whose_they_are() -> None:
    assert captured(CONNECTOR) == [("web", "cart", "kafka:dbshop.public.item", "proven")]
    nested = f'{{"name": "items", "config": {CONNECTOR.strip()}}}\n'
    assert captured(nested) == [("web", "cart", "kafka:dbshop.public.item", "proven")]
    resource = (
        "kind: KafkaConnector\nspec:\n  class: io.debezium.connector.postgresql.PostgresConnector\n"
        "  config:\n"
        "    database.dbname: shop\n    database.server.name: dbshop\n    table.include.list: public.item\n"
    )
    assert captured(resource, "k8s/debezium.yaml") == [("web", "cart", "kafka:dbshop.public.item", "proven")]


@pytest.mark.parametrize(
    "connector",
    [
        CONNECTOR.replace("public.item,", ""),
        CONNECTOR.replace('"dbshop"', '"other"'),
        CONNECTOR.replace('"shop"', '"nobodys"'),
        CONNECTOR.replace("io.debezium.connector", "io.example.sink"),
    ],
)
def test_what_is_not_captured(connector: str) -> None:
    assert captured(connector) == []


def test_env_files_that_a_framework_loads() -> None:
    files = {
        "compose.yaml": "services:\n  cart: {build: cart}\n  web: {build: web}\n",
        "cart/main.go": GO,
        "cart/Dockerfile": "FROM golang\n",
        "web/Dockerfile": "FROM node\n",
        "web/package.json": '{"scripts": {"start": "next start"}, "dependencies": {"next": "14"}}\n',
        "web/api.ts": "export const get = () => fetch(`${process.env.API_BASE}/items`);\n",
        "web/.env.production": "API_BASE=http://cart/api\n",
    }
    assert pairs(files) == SPEAKS
    assert pairs(files | {"web/api.ts": "export const get = () => 1;\n"}) == []
    plain = {"web/package.json": '{"scripts": {"start": "node ."}}\n', "web/index.js": "run();\n"}
    assert pairs(files | plain) == []
    example = {name.replace(".env.production", ".env.example"): text for name, text in files.items()}
    assert pairs(example) == [("web", "cart", "http", "declared")]


def test_a_dispatcher_hands_events_to_the_bus() -> None:
    files = {
        "cart/Cart.csproj": WEB,
        "cart/Dockerfile": "FROM dotnet\n",
        "cart/Pay.cs": "class Pay { void Go() { _eventDispatcher.SendAsync(new CartPaid(1)); } }\n",
        "web/Web.csproj": WEB,
        "web/Dockerfile": "FROM dotnet\n",
        "web/On.cs": "using MassTransit;\nclass On : IConsumer<CartPaid> {}\n",
        "shared/Contracts.cs": "public record CartPaid(int Id) : IIntegrationEvent;\n",
    }
    assert [row[:2] for row in pairs(files)] == [("web", "cart")]
    other = {"cart/Pay.cs": "class Pay { object Go() { return new CartPaid(1); } }\n"}
    assert pairs(files | other) == []


def test_a_project_in_a_dockerfiles_folder_is_the_service_that_it_builds() -> None:
    host = (
        "var builder = DistributedApplication.CreateBuilder(args);\n"
        'builder.AddProject<Projects.Cart_Api>("cart-service");\n'
    )
    files = {
        "compose.yaml": "services:\n  cart:\n    build: {context: ., dockerfile: src/Cart/Dockerfile}\n",
        "src/Cart/Dockerfile": "FROM dotnet\nCOPY src/Cart .\n",
        "src/Cart/src/Cart/Cart.csproj": '<Project Sdk="Microsoft.NET.Sdk"></Project>\n',
        "src/Cart/src/Cart/Cart.cs": "class Cart {}\n",
        "src/Cart/src/Cart.Api/Cart.Api.csproj": WEB,
        "src/Cart/src/Cart.Api/Program.cs": "class Program {}\n",
        "src/AppHost/AppHost.csproj": '<Project Sdk="Microsoft.NET.Sdk"></Project>\n',
        "src/AppHost/Program.cs": host,
    }
    services = found(files)
    assert [(one.roots, "cart-service" in (one.name, *one.aliases)) for one in services.values()] == [
        (("src/Cart",), True)
    ]
    second = {"src/Cart/src/Stock/Stock.csproj": WEB, "src/Cart/src/Stock/Program.cs": "class Program {}\n"}
    assert ("src/Cart/src/Cart.Api",) in [one.roots for one in found(files | second).values()]


def test_two_systems_in_one_repository_have_a_gateway_each() -> None:
    files = {}
    for system in ("one", "two"):
        for name, code in (("gate", "@EnableZuulProxy\n"), ("cart", "")):
            folder = f"{system}/{name}"
            files[f"{folder}/pom.xml"] = POM
            files[f"{folder}/src/main/java/App.java"] = f"{code}{SPRING}"
            files[f"{folder}/src/main/resources/application.properties"] = (
                f"spring.application.name={system}-{name}\neureka.client.fetch=true\n"
            )
    expected = [("one-gate", "one-cart"), ("two-gate", "two-cart")]
    assert [row[:2] for row in pairs(files)] == expected
    alone = {path: text for path, text in files.items() if not path.startswith("two/gate")}
    assert [row[:2] for row in pairs(alone)] == [("one-gate", "one-cart"), ("one-gate", "two-cart")]


def test_clients_that_may_sign_in_are_not_called() -> None:
    files = {
        "compose.yaml": "services:\n  cart: {build: cart}\n  web: {build: web}\n",
        "cart/main.go": GO,
        "cart/Dockerfile": "FROM golang\n",
        "web/Web.csproj": WEB,
        "web/Dockerfile": "FROM dotnet\n",
        "web/Config.cs": 'class Config { string url = "http://cart/"; }\n',
    }
    assert pairs(files) == SPEAKS
    clients = 'class Config { string url = "http://cart/"; Client c = new() { AllowedGrantTypes = Code }; }\n'
    assert pairs(files | {"web/Config.cs": clients}) == []


def test_where_the_registry_is_says_nothing() -> None:
    compose = (
        "services:\n  names: {image: acme/names}\n  web:\n    image: acme/web\n    environment:\n"
        "      VARIABLE: http://names:8761/eureka\n"
    )
    dotted = compose.replace("VARIABLE", "EUREKA.CLIENT.SERVICEURL.DEFAULTZONE")
    assert pairs({"compose.yaml": dotted}) == []
    named = compose.replace("VARIABLE", "NAMES_URL")
    assert pairs({"compose.yaml": named}) == [("web", "names", "http", "declared")]


def test_a_workload_is_called_like_its_service_and_its_kind() -> None:
    services = found(
        {
            "k8s/cart.yaml": workload("cart-deployment", "acme/shop-all", labels="cart"),
            "compose.yaml": "services:\n  cart: {build: cart}\n",
            "cart/main.go": GO,
            "cart/Dockerfile": "FROM golang\n",
        }
    )
    assert [one.roots for one in services.values()] == [("cart",)]


def test_an_image_of_ko_has_a_digest_in_its_name() -> None:
    digest = "0967b907d9920c99918e2b91b91937b3"
    assert image_name(f"registry.example.com/acme/cart-service-{digest}:v1") == "cart-service"
    assert image_name(f"acme/{digest}") == digest
    services = found({"k8s/a.yaml": workload("shop", f"acme/cart-{digest}"), "cart/main.go": GO})
    assert [one.roots for one in services.values()] == [("cart",)]


def test_the_program_of_a_folder_that_a_dockerfile_elsewhere_names() -> None:
    services = found(
        {
            "compose.yaml": (
                "services:\n  cart_service:\n    build: {context: ., dockerfile: docker/c.Dockerfile}\n"
            ),
            "docker/c.Dockerfile": "FROM golang\nRUN go build ./cart_service/cmd/main.go\n",
            "docker/s.Dockerfile": "FROM golang\nRUN go build ./stock_service/cmd/main.go\n",
            "cart_service/cmd/main.go": GO,
            "cart_service/internal/a.go": "package internal\n",
            "stock_service/cmd/main.go": GO,
        }
    )
    assert services["cart_service"].roots == ("cart_service",)
