"""Policies in applications' settings: Spring, resilience4j, MicroProfile, .NET."""

from __future__ import annotations

from workspai_hooks.resilience.layers import Layer
from workspai_hooks.resilience.model import Backoff, Retry, Where
from workspai_hooks.resilience.reading import Read
from workspai_hooks.resilience.sources import (
    dotnet,
    microprofile,
    resilience4j,
    spring_clients,
    spring_gateway,
)


def layers(read: Read) -> dict[str, Layer]:
    return {",".join(one.hosts): one for one in read.layers}


def faults(read: Read) -> list[tuple[str, int]]:
    return [(one.rule, one.location.line) for one in read.faults]


RESILIENCE4J = b"""\
resilience4j:
  retry:
    configs:
      default:
        maxAttempts: 4
        waitDuration: 100ms
    instances:
      inventory:
        enable-exponential-backoff: true
        exponentialBackoffMultiplier: 2
        enableRandomizedWait: true
      orders:
        baseConfig: default
        waitDuration: 0
      payments:
        maxAttempts: ${TRIES:2}
        waitDuration: 1 s
        enableRandomizedWait: true
      mails:
        maxAttempts: many
  timelimiter:
    instances:
      inventory: {timeoutDuration: 2s}
  circuitbreaker:
    instances:
      orders: {minimumNumberOfCalls: 5, waitDurationInOpenState: 10s}
"""


def test_resilience4j() -> None:
    read = resilience4j.read("order/application.yml", RESILIENCE4J)
    found = layers(read)
    assert found["inventory"].retry == Retry(4, Backoff(0.1, 86_400.0, 2.0, 0.5), (), (), True)
    assert (found["inventory"].per_try_s, found["inventory"].timeout_s) == (2.0, None)
    assert found["inventory"].caller == "order/application.yml"
    assert found["orders"].breaker is not None
    assert found["orders"].breaker.failures == 5
    assert found["payments"].retry is not None
    assert found["payments"].retry.tries_total == 2
    assert found["mails"].retry is None
    assert faults(read) == [("retry-backoff", 14)]
    assert [one.what for one in read.undecided] == ["order/application.yml:20: maxAttempts"]


def test_resilience4j_in_properties_waits_the_same_by_itself() -> None:
    data = b"a=b\nresilience4j.retry.instances.inventory-service.max-attempts=3\n"
    read = resilience4j.read("application.properties", data)
    assert list(layers(read)) == ["inventory-service"]
    assert faults(read) == [("retry-backoff", 2)]
    assert "enableRandomizedWait" in read.faults[0].message


def test_yaml_that_can_not_be_read_is_an_open_question() -> None:
    read = resilience4j.read("application.yml", b"resilience4j: [\n")
    assert [one.what.partition(":")[0] for one in read.undecided] == ["application.yml"]


CLIENTS = b"""\
spring:
  cloud:
    openfeign:
      client:
        config:
          default: {connectTimeout: 1000}
          cart: {readTimeout: 2000}
          mail: {readTimeout: soon}
zuul: {routes: {cart: /cart/**}}
hystrix.command.default.execution.isolation.thread.timeoutInMilliseconds: 20000
ribbon: {ReadTimeout: 3000, ConnectTimeout: 1000}
orders:
  ribbon: {MaxAutoRetries: 1, MaxAutoRetriesNextServer: 2}
"""


def test_spring_clients() -> None:
    read = spring_clients.read("gateway/application.yml", CLIENTS)
    found = layers(read)
    assert sorted(found) == ["", "cart", "orders"]
    assert found["cart"].timeout_s == 3.0
    assert found["orders"].retry is not None
    assert found["orders"].retry.tries_total == 6
    assert found["orders"].per_try_s == 4.0
    assert (found[""].timeout_s, found[""].per_try_s, found[""].retry) == (20.0, 4.0, None)
    assert [one.what for one in read.undecided] == ["gateway/application.yml:8: readtimeout"]


def test_what_is_set_for_all_clients_is_nobody_s_without_a_proxy() -> None:
    data = b"ribbon:\n  ReadTimeout: 3000\nfeign.client.config.default.readTimeout: 100\n"
    assert spring_clients.read("application.yml", data).layers == ()


GATEWAY = b"""\
spring:
  cloud:
    gateway:
      httpclient: {response-timeout: 5s}
      default-filters:
      - name: Retry
        args: {retries: 1, statuses: SERVICE_UNAVAILABLE, methods: POST}
      routes:
      - id: a
        uri: lb://cart
        filters: [StripPrefix=1]
      - id: b
        uri: http://orders:8080
        metadata: {response-timeout: 200}
        filters: ["Retry=3,BAD_GATEWAY,GET,10ms,50ms,2,false"]
"""


def test_spring_gateway() -> None:
    read = spring_gateway.read("gateway/application.yml", GATEWAY)
    retried = {",".join(one.hosts): one for one in read.layers if one.retry}
    others = {",".join(one.hosts): one for one in read.layers if not one.retry}
    assert retried["cart"].retry == Retry(2, Backoff(0.0, 0.0, 1.0, 0.0), (), (503,), True)
    assert retried["cart"].routes[0].methods == ("POST",)
    assert (retried["cart"].where, retried["cart"].per_try_s) == (Where.GATEWAY, 5.0)
    assert others["cart"].timeout_s == 5.0
    assert retried["orders"].retry is not None
    assert retried["orders"].retry.backoff == Backoff(0.01, 0.05, 2.0, 0.0)
    assert others["orders"].timeout_s == 0.2
    assert faults(read) == [("retry-backoff", 6), ("retry-unsafe", 6)]


MICROPROFILE = b"""\
quarkus.rest-client.cart-client.url=http://cart:8080
quarkus.rest-client.cart-client.read-timeout=2000
com.shop.Orders/mp-rest/connectTimeout=500
com.shop.Mails/send/Retry/maxRetries=-1
com.shop.Mails/send/Retry/maxDuration=0
Retry/jitter=0
%test.quarkus.rest-client.cart-client.connect-timeout=1
"""


def test_microprofile() -> None:
    read = microprofile.read("cart/application.properties", MICROPROFILE)
    found = layers(read)
    assert found["cart-client,cart"].timeout_s == 17.0
    assert found["com.shop.Orders"].timeout_s == 30.5
    assert faults(read) == [("retry-backoff", 6), ("retry-uncapped", 4)]


APPSETTINGS = b"""\
{
  // of the basket
  "Clients": {"Catalog": {
    "Retry": {"MaxRetryAttempts": 4, "Delay": "00:00:00.5", "UseJitter": false,
              "ShouldRetryAfterHeader": false},
    "TotalRequestTimeout": {"Timeout": "00:00:10"}
  }},
  "Queue": {"Retry": {"Delay": "soon"}},
  "Resilience": {"Retry": {"MaxRetryAttempts": "three"}}
}
"""


def test_dotnet() -> None:
    read = dotnet.read("basket/appsettings.json", APPSETTINGS)
    (layer,) = read.layers
    assert "Catalog" in layer.hosts
    assert layer.retry is not None
    assert (layer.retry.tries_total, layer.timeout_s, layer.per_try_s) == (5, 10.0, 10.0)
    assert faults(read) == [("retry-backoff", 4), ("retry-after-ignored", 5)]
    assert [one.what for one in read.undecided] == ["basket/appsettings.json:9: MaxRetryAttempts"]
    assert dotnet.wanted("a/appsettings.Production.json")
    assert not dotnet.wanted("a/appsettings.Development.json")
