"""YARP's clusters, ports of launch profiles, authorities, routes of an application host."""

from __future__ import annotations

from collections.abc import Mapping

from test_edges import pairs
from test_services import WEB


def launched(port: int) -> str:
    """Launch profiles as `dotnet new` writes them."""
    return (
        '{"profiles": {"https": {"commandName": "Project",'
        f' "applicationUrl": "https://localhost:{port};http://localhost:{port - 1}"}}}}}}'
    )


def project(name: str, port: int, code: str = "", settings: str = "{}") -> dict[str, str]:
    return {
        f"{name}/{name}.csproj": WEB,
        f"{name}/Program.cs": f"var builder = WebApplication.CreateBuilder(args);\n{code}\n",
        f"{name}/Properties/launchSettings.json": launched(port),
        f"{name}/appsettings.json": settings,
    }


def who(files: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted({(one[0], one[1]) for one in pairs(dict(files))})


ROUTES = """{"Proxy": {
  "Routes": {"a": {"ClusterId": "Stock", "Match": {"Path": "/s/{**r}"}}},
  "Clusters": {
    "Stock": {"Destinations": {"stock/one": {"Address": "https://localhost:7401/"}}},
    "unused": {"Destinations": {"d": {"Address": "https://localhost:7411/"}}}}}}
"""
LOADS = 'builder.Services.AddReverseProxy().LoadFromConfig(builder.Configuration.GetSection("Proxy"));'


def test_a_yarp_leads_to_the_projects_that_are_launched_on_its_ports() -> None:
    others = project("Stock", 7401) | project("Rates", 7411)
    assert who(project("Front", 7201, LOADS, ROUTES) | others) == [("Front", "Stock")]


def test_a_yarp_that_loads_no_configuration_has_no_routes() -> None:
    others = project("Stock", 7401) | project("Rates", 7411)
    assert who(project("Front", 7201, "app.MapReverseProxy();", ROUTES) | others) == []
    assert who(project("Front", 7201, f"// {LOADS}", ROUTES) | others) == []


def test_settings_with_a_port_of_a_launch_profile_that_the_code_reads() -> None:
    read = 'client.BaseAddress = new Uri(builder.Configuration["StockAddress"]);'
    settings = '{"StockAddress": "http://localhost:7400", "RatesAddress": "http://localhost:7410"}'
    others = project("Stock", 7401) | project("Rates", 7411)
    assert who(project("Front", 7201, read, settings) | others) == [("Front", "Stock")]


def test_a_port_of_two_projects_is_nobodys() -> None:
    read = 'client.BaseAddress = new Uri(builder.Configuration["StockAddress"]);'
    settings = '{"StockAddress": "http://localhost:7400"}'
    others = project("Stock", 7401) | project("Rates", 7401)
    assert who(project("Front", 7201, read, settings) | others) == []


def test_who_signs_in_knows_addresses_to_come_back_to() -> None:
    code = 'services.AddIdentityServer();\nvar uri = configuration["StockAddress"] + "/signin-oidc";'
    settings = '{"StockAddress": "http://localhost:7400"}'
    assert who(project("Login", 7301, code, settings) | project("Stock", 7401)) == []


def test_an_authority_is_asked_and_an_issuer_is_only_a_name() -> None:
    code = "options.Authority = jwt.Authority; options.ValidIssuers = jwt.ValidIssuers;"
    asked = project("Stock", 7401, code, '{"Jwt": {"Authority": "https://localhost:7301"}}')
    named = project("Stock", 7401, code, '{"Jwt": {"ValidIssuers": ["https://localhost:7301"]}}')
    assert who(asked | project("Login", 7301)) == [("Stock", "Login")]
    assert who(named | project("Login", 7301)) == []


HOST = """var builder = DistributedApplication.CreateBuilder(args);
var tokens = builder.AddProject<Projects.Tokens>("tokens");
var issuer = tokens.GetEndpoint("http");
var parts = builder.AddProject<Projects.Parts>("parts").WithEnvironment("Login__Url", issuer);
var rates = builder.AddProject<Projects.Rates>("rates").WithEnvironment("Login__Url", issuer);
"""
SHARED = """public static class Guard {
    public static void AddTokens(this IHostApplicationBuilder builder) {
        var section = builder.Configuration.GetSection("Login");
        o.Authority = section.GetValue<string>("Url");
    }
}
"""
APPS = {
    f"{name}/{name}.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web"><ItemGroup>'
    '<ProjectReference Include="../Common/Common.csproj" /></ItemGroup></Project>'
    for name in ("Tokens", "Parts", "Rates")
} | {
    "Common/Common.csproj": '<Project Sdk="Microsoft.NET.Sdk"></Project>',
    "Common/Guard.cs": SHARED,
}


def test_routes_of_a_yarp_in_the_application_host() -> None:
    inline = """builder.AddYarp("edge").WithConfiguration(yarp => {
        var cluster = yarp.AddCluster(parts);
        yarp.AddRoute("/p/{**all}", cluster);
        yarp.AddRoute("/t/{**all}", tokens.GetEndpoint("http")).WithTransformPathRemovePrefix("/t");
    });
    """
    handed = 'builder.AddYarp("edge").WithExternalHttpEndpoints().MapEdgeRoutes(parts, tokens);\n'
    for routes in (inline, handed):
        found = who(APPS | {"X.AppHost/Program.cs": HOST + routes})
        assert [one for one in found if one[0] == "edge"] == [("edge", "parts"), ("edge", "tokens")]
    waits = 'builder.AddYarp("edge").WaitFor(parts).PublishAsConnection(tokens, rates);\n'
    declared = [one for one in pairs(APPS | {"X.AppHost/Program.cs": HOST + waits}) if one[3] != "ordering"]
    assert [one for one in declared if one[0] == "edge"] == []


def test_an_authority_that_shared_code_reads_for_who_calls_it() -> None:
    files = APPS | {
        "X.AppHost/Program.cs": HOST,
        "Parts/Program.cs": "builder.AddTokens();\n",
        "Rates/Program.cs": "app.Run();\n",
    }
    assert who(files) == [("parts", "tokens")]
