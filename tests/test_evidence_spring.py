"""Edges of Spring and other JVM services: declarative clients, gateways, settings, registries."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.workspace.edges import Tier
from workspai_hooks.workspace.edges.find import find_edges
from workspai_hooks.workspace.evidence.configuration import read as read_settings
from workspai_hooks.workspace.evidence.flat import flat
from workspai_hooks.workspace.owners import read_owners
from workspai_hooks.workspace.services import discover

MAIN = "@SpringBootApplication\npublic class Application {{ public static void main(String[] a) {{}} }}\n"
EUREKA = "<dependency><artifactId>spring-cloud-starter-netflix-eureka-client</artifactId></dependency>\n"


def application(name: str, settings: str = "", annotations: str = "", port: int = 0) -> dict[str, str]:
    """A Spring application in a folder of its own."""
    listens = f"server.port={port}\n" if port else ""
    return {
        f"{name}/pom.xml": f"<project><artifactId>{name}</artifactId>spring-boot-maven-plugin</project>\n",
        f"{name}/src/main/java/Application.java": annotations + MAIN.format(),
        f"{name}/src/main/resources/application.properties": (
            f"spring.application.name={name}\n{listens}{settings}"
        ),
    }


def source(text: str, name: str = "web") -> dict[str, str]:
    return {f"{name}/src/main/java/Client.java": text}


def pairs(*parts: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Proven edges of a repository of these parts; more than proven ones there are none."""
    snapshot = Snapshot.of({path: text for part in parts for path, text in part.items()})
    found = find_edges(snapshot, discover(snapshot))
    assert {edge.tier for edge in found.all} <= {Tier.PROVEN}
    return [(edge.consumer, edge.provider, edge.protocol) for edge in found.all]


CART = application("cart", port=8081)
WEB_CALLS_CART = [("web", "cart", "http")]


@pytest.mark.parametrize(
    ("code", "settings"),
    [
        ('@FeignClient("cart")\ninterface Cart {}\n', ""),
        ('@FeignClient(contextId = "x", name = "CART", path = "/v1")\ninterface Cart {}\n', ""),
        ('@FeignClient(value = "cart",\n    fallback = Fallback.class)\ninterface Cart {}\n', ""),
        ('@FeignClient(name = "${clients.cart}")\ninterface Cart {}\n', "clients.cart=cart\n"),
        ('@FeignClient(name = "${clients.cart:cart}")\ninterface Cart {}\n', ""),
        (
            '@FeignClient(Names.CART)\ninterface Cart {}\nclass Names { String CART = "cart"; }\n',
            "",
        ),
        (
            '@FeignClient(name = "any", url = "${cart.url}")\ninterface Cart {}\n',
            "cart.url=http://cart:8081\n",
        ),
        ('@FeignClient(name = "cart", url = "http://localhost:8081")\ninterface Cart {}\n', ""),
        ('rest.getForObject("http://CART/items/" + id, Item.class);\n', ""),
        ('rest.getForObject("http://localhost:8081/items", Item.class);\n', ""),
        ('WebClient.builder().baseUrl("lb://cart").build();\n', ""),
        ('static final String HOST = "cart";\nString url = "http://" + HOST + "/items";\n', ""),
        ('String.format("http://%s:%d/items", HOST, 80);\nstatic final String HOST = "cart";\n', ""),
        (
            '@Value("${cart.host}")\nprivate String host;\nString u = "http://" + host + ":8081/";\n',
            "cart.host=cart\n",
        ),
        ('@Value("${cart.url}")\nprivate String url;\n', "cart.url=http://cart/v1\n"),
        ('@Value("${cart.service-url}") String url;\n', "cart.serviceUrl=http://cart/v1\n"),
        (
            '@ConfigurationProperties(prefix = "shop.clients")\n'
            "class P { String cart; Object all() { return http.get(cart); } }\n",
            "shop.clients.cart=http://cart\n",
        ),
        ('@ConfigProperty(name = "shop.cart.url") String url;\n', "shop.cart.url=http://cart\n"),
        ('UriComponentsBuilder.newInstance().scheme("http").host("cart").path("/a");\n', ""),
        ('discovery.getInstances("cart").get(0).getUri();\n', ""),
        ('balancer.choose(CART);\nstatic final String CART = "cart";\n', ""),
        ('@HttpExchange("http://cart/items")\ninterface Cart {}\n', ""),
        ('@RegisterRestClient(baseUri = "stork://cart")\ninterface Cart {}\n', ""),
        ("class Empty {}\n", 'quarkus.rest-client."acme.Cart".url=http://cart:8081\n'),
        ("class Empty {}\n", "%prod.quarkus.rest-client.cart.url=http://cart:8081\n"),
        ("class Empty {}\n", "acme.Cart/mp-rest/url=http://cart:8081\n"),
        ('import io.micronaut.http.client.annotation.Client;\n@Client("cart")\ninterface Cart {}\n', ""),
        ('import io.micronaut.http.client.annotation.Client;\n@Client(id = "cart")\ninterface Cart {}\n', ""),
        ("class Empty {}\n", "zuul.routes.one.path=/a/**\nzuul.routes.one.serviceId=cart\n"),
        ("class Empty {}\n", "zuul.routes.cart=/a/**\n"),
        ("class Empty {}\n", "zuul.routes.one.path=/a/**\nzuul.routes.one.url=http://cart:8081\n"),
        ("class Empty {}\n", "spring.cloud.gateway.routes[0].uri=lb://CART\n"),
        ('builder.routes().route("a", r -> r.path("/a").uri("lb://cart")).build();\n', ""),
        (
            "@EnableResourceServer class S {}\n",
            "security.oauth2.resource.userInfoUri=http://cart:8081/user\n",
        ),
    ],
)
def test_clients_and_routes(code: str, settings: str) -> None:
    assert pairs(CART, application("web", settings), source(code)) == WEB_CALLS_CART


@pytest.mark.parametrize(
    ("code", "settings"),
    [
        ('// @FeignClient("cart")\n', ""),
        ('@FeignClient(name = "cart", url = "https://api.partner.example")\ninterface Partner {}\n', ""),
        ('log.info("see http://cart/items");\n', ""),
        ('@CrossOrigin(origins = "http://cart:8081")\nclass A {}\n', ""),
        ('registry.addMapping("/**").allowedOrigins(\n    "http://localhost:8081");\n', ""),
        ("class Empty {}\n", "cart.url=http://cart:8081\n"),
        ("class Empty {}\n", "app.cors.allowed-origins=http://cart:8081\n"),
        ("class Empty {}\n", "%test.quarkus.rest-client.cart.url=http://cart:8081\n"),
        ("class Empty {}\n", "management.zipkin.tracing.endpoint=http://cart:8081/api\n"),
        ("class Empty {}\n", "spring.cloud.config.uri=http://cart:8081\n"),
        ('rest.getForObject("http://localhost:8080/items", Item.class);\n', ""),
        ('String cart = "cart";\n', ""),
        ("class Empty {}\n", "security.oauth2.resource.userInfoUri=http://cart:8081/user\n"),
        ('@Client("cart")\ninterface OfSomebodyElse {}\n', ""),
    ],
)
def test_what_only_looks_like_a_client(code: str, settings: str) -> None:
    assert pairs(CART, application("web", settings), source(code)) == []


def test_a_gateway_fronts_whatever_registers_and_says_no_more() -> None:
    registering = {f"{name}/build.gradle": EUREKA for name in ("edge", "cart", "pay", "board")}
    parts = [
        application("edge", annotations="@EnableZuulProxy\n"),
        application("cart"),
        application("pay"),
        application("lone"),
        application("board", annotations="@EnableHystrixDashboard\n@EnableTurbine\n"),
        application("names", annotations="@EnableEurekaServer\n"),
        registering,
    ]
    fronted = [("edge", "cart", "http"), ("edge", "pay", "http")]
    assert pairs(*parts) == fronted
    ignoring = application("edge", "zuul.ignored-services=*\n", "@EnableZuulProxy\n")
    assert pairs(*parts, ignoring) == []
    ignoring = application("edge", "zuul.ignoredServices=pay\n", "@EnableZuulProxy\n")
    assert pairs(*parts, ignoring) == fronted[:1]
    silent = application("cart", "eureka.client.register-with-eureka=false\n")
    assert pairs(*parts, silent) == fronted[1:]
    locating = application("edge", "spring.cloud.gateway.discovery.locator.enabled=true\n")
    assert pairs(*parts, locating) == fronted
    # What also answers requests of its own is no monitor.
    busy = application("board", annotations="@EnableHystrixDashboard\n@RestController\n")
    assert pairs(*parts, busy) == [("edge", "board", "http"), *fronted]


def test_two_systems_in_one_repository_have_a_registry_each() -> None:
    parts = []
    for system in ("one", "two"):
        parts += [
            application(f"{system}/{system}-edge", annotations="@EnableZuulProxy\n@EnableDiscoveryClient\n"),
            application(f"{system}/{system}-cart", annotations="@EnableDiscoveryClient\n"),
            application(f"{system}/{system}-names", annotations="@EnableEurekaServer\n"),
        ]
    assert pairs(*parts) == [("one-edge", "one-cart", "http"), ("two-edge", "two-cart", "http")]


@pytest.mark.parametrize(
    "annotation", ["@EnableEurekaServer", "@EnableConfigServer", "@EnableAdminServer", "@EnableZipkinServer"]
)
def test_the_platform_is_nobodys_partner(annotation: str) -> None:
    platform = application("cart", "pay.url=http://pay\n", f"{annotation}\n", 8081)
    client = source('@FeignClient("cart") interface C {}\nrest.get("http://cart:8081");\n')
    asks = source('@Value("${pay.url}") String url;\n', "cart")
    assert pairs(platform, application("web"), application("pay"), client, asks) == []


def test_a_configuration_repository_speaks_for_the_application_of_its_file() -> None:
    asks = source('@Value("${cart.url}") String url;\n')
    for path in (
        "config-repo/web.yml",
        "config-repo/web-docker.yml",
        "settings/src/main/resources/shared/web.yml",
        "config-repo/web/application.yml",
    ):
        parts = [application("settings", annotations="@EnableConfigServer\n"), CART, application("web"), asks]
        assert pairs(*parts, {path: "cart:\n  url: http://cart:8081\n"}) == WEB_CALLS_CART, path
    assert pairs(CART, application("web"), asks, {"other/webs.yml": "cart:\n  url: http://cart:8081\n"}) == []


def test_the_shared_file_of_a_configuration_repository_fills_and_points() -> None:
    cart = application("cart", port=8081)
    parts = [
        application("settings", annotations="@EnableConfigServer\n"),
        *(cart, application("web"), application("pay"), source('@Value("${cart.url}") String url;\n')),
        {"config-repo/web.yml": "cart:\n  url: http://${hosts.cart}\n"},
    ]
    assert pairs(*parts) == []
    assert pairs(*parts, {"config-repo/application.yml": "hosts: {cart: cart}\n"}) == WEB_CALLS_CART
    # What everybody is told counts for whom it makes ask.
    told = {"config-repo/application.yml": "security.oauth2.resource.userInfoUri: http://cart:8081/me\n"}
    asks = source("@EnableResourceServer class S {}\n", "pay")
    assert pairs(*parts, told, asks) == [("pay", "cart", "http")]


def test_names_that_a_library_keeps() -> None:
    library = {
        "common/src/main/java/Names.java": 'class Names { public static final String CART = "cart"; }\n'
    }
    calls = source("@FeignClient(name = Names.CART)\ninterface Cart {}\n")
    assert pairs(CART, application("web"), calls, library) == WEB_CALLS_CART
    assert pairs(CART, application("web"), calls) == []


def test_environment_fills_a_setting() -> None:
    compose = (
        "services:\n  cart: {build: cart}\n  pay: {build: pay}\n"
        "  web:\n    build: web\n    environment: {CART_URL: 'http://pay'}\n"
    )
    parts = [CART, application("pay"), application("web", "cart.url=${CART_URL:http://cart}\n")]
    asks = source('@Value("${cart.url}") String url;\n')
    assert pairs(*parts, asks, {"compose.yaml": compose}) == [("web", "pay", "http")]
    assert pairs(*parts, asks) == WEB_CALLS_CART


def test_names_that_applications_register() -> None:
    for line in (
        "spring.application.name: ${NAME:basket}",
        "spring:\n  application:\n    name: 'basket'",
        "eureka:\n  instance:\n    appname: basket",
        "spring.cloud.consul.discovery.service-name: basket",
        "quarkus.application.name: basket",
        "micronaut:\n  application:\n    name: basket",
    ):
        cart = application("cart") | {"cart/src/main/resources/application.yml": line + "\n"}
        (service,) = discover(Snapshot.of(cart)).all
        assert {service.name, *service.aliases} == {"basket", "cart"}, line
    copied = "spring.application.name: cart\n---\nspring:\n  profiles: test\n  application.name: web\n"
    cart = application("cart") | {"cart/src/main/resources/bootstrap.yml": copied}
    assert [one.aliases for one in discover(Snapshot.of(cart)).all] == [()]


def test_a_catalog_names_services_and_owners() -> None:
    catalog = "kind: Component\nmetadata:\n  name: basket\nspec:\n  owner: group:default/shoppers\n"
    snapshot = Snapshot.of(application("cart") | {"cart/catalog-info.yaml": catalog})
    (service,) = discover(snapshot).all
    assert {service.name, *service.aliases} == {"basket", "cart"}
    assert read_owners(snapshot).of_roots(["cart"]) == ("shoppers",)
    assert read_owners(snapshot).of("web/x") == ()
    ruled = Snapshot.of({"CODEOWNERS": "cart/ @carts\n", "cart/catalog-info.yaml": catalog})
    assert read_owners(ruled).of("cart/x") == ("@carts",)
    assert read_owners(Snapshot.of({"cart/catalog-info.yaml": "kind: [\n"})).of("cart/x") == ()


def test_settings_of_broken_and_hostile_files() -> None:
    assert flat(b"a: [\n") == []
    assert [(one.name, one.value) for one in flat(b"name: @project.name@\nurl: x\n")] == [
        ("name", "_project.name_"),
        ("url", "x"),
    ]
    assert [(one.name, one.value, one.line) for one in flat(b"# x\na.b = c:d\nlist[0]=e\n")] == [
        ("a.b", "c:d", 2),
        ("list[0]", "e", 3),
    ]
    laughs = b"a0: &a0 [x]\n" + b"".join(
        b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 12)
    )
    assert len(flat(laughs)) <= 5000
    assert flat(b"a: " + b"x" * 300_000) == []
    tested = b"a: 1\n---\nspring: {profiles: test}\na: 2\n---\nspring.config.activate.on-profile: it\na: 3\n"
    assert [one.value for one in flat(tested)] == ["1"]
    assert read_settings(b"zuul:\n  routes: [1, 2]\n").clues == ()
