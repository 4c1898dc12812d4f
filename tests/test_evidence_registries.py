"""Gateways that lead to whatever registers: filled templates, sidecars, bearers of the annotation."""

# ruff: noqa: E501 (small files, each on its line)

from __future__ import annotations

import pytest
from test_edges import pairs as all_pairs
from test_evidence_spring import EUREKA, application
from test_evidence_spring import pairs as jvm_pairs
from test_services import GO

CONSUL = "<dependency><artifactId>spring-cloud-starter-consul-discovery</artifactId></dependency>\n"
COMPOSE = "services:\n  consul: {image: consul}\n  cart: {build: cart}\n  pay: {build: pay}\n  edge: {build: edge}\n"
EACH = """{{range services}}
<Proxy balancer://{{.Name}}>
{{range service .Name}}  BalancerMember http://{{.Address}}:{{.Port}}
{{end}}</Proxy>
ProxyPass /{{.Name}} balancer://{{.Name}}
{{end}}
"""
ONE = 'upstream c {\n{{ range service "%s" }}  server {{ .Address }}:{{ .Port }};\n{{ end }}}\n'


def registering(name: str, dependency: str = CONSUL) -> dict[str, str]:
    files = application(name)
    return files | {f"{name}/pom.xml": files[f"{name}/pom.xml"] + dependency}


def edge(template: str, name: str = "site.ctmpl") -> dict[str, str]:
    """A proxy whose routes are filled in when it runs, beside two services of which one is in Consul."""
    return {
        "compose.yaml": COMPOSE,
        "edge/Dockerfile": f"FROM httpd\nCOPY {name} /etc/\nCMD consul-template -template /etc/{name}\n",
        f"edge/{name}": template,
        **registering("cart"),
        "cart/Dockerfile": "FROM openjdk\n",
        **application("pay"),
        "pay/Dockerfile": "FROM openjdk\n",
    }


def pairs(files: dict[str, str]) -> set[tuple[str, str]]:
    return {(one[0], one[1]) for one in all_pairs(files) if one[3] == "proven"}


@pytest.mark.parametrize(
    "template",
    [
        EACH,
        EACH.replace("range services", "- range $s := services").replace("service .Name", "service $s.Name"),
        ONE % "cart",
        ONE % "blue.cart@dc1|passing",
    ],
)
def test_a_template_that_the_registry_fills(template: str) -> None:
    assert pairs(edge(template)) == {("edge", "cart")}


@pytest.mark.parametrize(
    "template",
    [
        EACH.replace("range service .Name", "range key .Name"),
        "{{range services}}{{.Name}}{{end}}\nProxyPass / http://example.com/\n",
        "# " + ONE.replace("\n", " ") % "cart",
        ONE.replace("upstream", "servers of").replace("server ", "at ") % "cart",
    ],
)
def test_a_template_without_routes_to_instances(template: str) -> None:
    assert pairs(edge(template)) == set()


def test_who_registers_elsewhere_is_not_in_consul() -> None:
    assert pairs(edge(EACH) | registering("cart", EUREKA)) == set()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("main.go", GO + "func reg() { client.Agent().ServiceRegister(&api.AgentServiceRegistration{}) }\n"),
        ("app.py", "c.agent.service.register('pay', port=80)\nif __name__ == '__main__':\n    run()\n"),
    ],
)
def test_a_program_that_enters_itself(name: str, code: str) -> None:
    files = {path: text for path, text in edge(EACH).items() if not path.startswith("pay/")}
    files |= {"pay/Dockerfile": "FROM scratch\n", f"pay/{name}": code}
    assert pairs(files) == {("edge", "cart"), ("edge", "pay")}


def test_a_definition_for_the_agent() -> None:
    files = {path: text for path, text in edge(EACH).items() if not path.startswith("pay/")}
    files |= {
        "pay/Dockerfile": "FROM scratch\n",
        "pay/main.go": GO,
        "pay/consul/pay.json": '{"service": {"name": "pay", "port": 80}}',
    }
    assert pairs(files) == {("edge", "cart"), ("edge", "pay")}


def test_names_of_consuls_dns() -> None:
    conf = "server { location / { proxy_pass http://blue.cart.service.dc1.consul:8080; } }\n"
    assert pairs(edge(conf, "site.conf")) == {("edge", "cart")}
    assert pairs(edge(conf.replace(".service.", ".node."), "site.conf")) == set()


def test_a_sidecar_leads_to_what_registers() -> None:
    files = {**registering("cart", EUREKA), **registering("edge", EUREKA)}
    java = "edge/src/main/java/Application.java"
    assert jvm_pairs(files, {java: "@EnableSidecar\n" + files[java]}) == [("edge", "cart", "http")]
    assert jvm_pairs(files, {java: "@EnableFeignClients\n" + files[java]}) == []


def bearing(name: str, own: str = "") -> dict[str, str]:
    files = registering(name, EUREKA)
    java = f"{name}/src/main/java/Application.java"
    return files | {java: "@EnableZuulProxy\n" + files[java], f"{name}/src/main/java/Own.java": own}


OWN = "@RepositoryRestResource\ninterface Own {}\n"


def test_of_many_with_the_annotation_the_one_that_does_nothing_else_is_the_gateway() -> None:
    parts = (bearing("edge"), bearing("cart", OWN), bearing("pay", "@RestController\nclass Own {}\n"))
    assert jvm_pairs(*parts) == [("edge", "cart", "http"), ("edge", "pay", "http")]


def test_a_gateway_that_also_serves_is_one_where_no_other_is() -> None:
    assert jvm_pairs(bearing("edge", OWN), registering("cart", EUREKA)) == [("edge", "cart", "http")]
    two = jvm_pairs(bearing("edge"), bearing("front"), registering("cart", EUREKA))
    assert two == [("edge", "cart", "http"), ("front", "cart", "http")]
