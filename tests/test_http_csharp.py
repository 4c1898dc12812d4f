"""Requests of C#."""

from __future__ import annotations

from http_annotated import check

MODELS = """\
using System.Text.Json.Serialization;
namespace Shop;

public record Item(decimal Price, [property: JsonPropertyName("sku")] string Code);

public class Order
{
    [JsonPropertyName("total")] public decimal Amount { get; set; }
    public string State { get; set; }
    public List<Item> Items { get; set; }
}

public class NewOrder { public string Sku { get; set; } }
public class Invoice { public decimal Total { get; set; } }
public class Stats { public int Count { get; set; } }
public class Placed { public string Id { get; set; } }
"""
CLIENT = """\
using System.Net.Http.Json;
using System.Text.Json;
namespace Shop;

public class OrdersClient
{
    private readonly HttpClient _http;
    private readonly IConfiguration _config;

    public OrdersClient(HttpClient http, IConfiguration config) { _http = http; _config = config; }

    public async Task<decimal> Total(string id)
    {
        var order = await _http.GetFromJsonAsync<Order>($"/orders/{id}"); // @http GET /orders/{id}
        foreach (var item in order.Items) // @http GET /orders/{id} items
            Console.WriteLine(item.Price + item.Code); // @http GET /orders/{id} items[].price, items[].sku
        var invoice = new Invoice { Total = 3 };
        return order.Amount + invoice.Total; // @http GET /orders/{id} total
    }

    public async Task<string> Place(string sku)
    {
        // @below POST /orders; POST /orders > sku
        var answer = await _http.PostAsJsonAsync("/orders", new NewOrder { Sku = sku });
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<Placed>()).Id; // @http POST /orders id
    }

    public async Task<int> Count()
    {
        var answer = await _http.GetAsync("/orders/stats?day=1"); // @http GET /orders/stats
        var stats = JsonSerializer.Deserialize<Stats>(await answer.Content.ReadAsStringAsync());
        var user = await _http.GetFromJsonAsync<Invoice>(_config["USERS_URL"] + "/orders/1");
        // _http.GetFromJsonAsync<Order>("/orders/1")
        return stats.Count + (int)user.Total; // @http GET /orders/stats count
    }

    public async Task Cancel(string id)
    {
        // @below ~ DELETE /orders/{id}
        var request = new HttpRequestMessage(HttpMethod.Delete, "/orders/" + id);
        await _http.SendAsync(request);
    }

    public Task<Order> HandOn(string id) =>
        _http.GetFromJsonAsync<Order>("/orders/" + id); // @http GET /orders/{id}; GET /orders/{id} ?
}
"""
PROGRAM = """\
using Shop;
var builder = WebApplication.CreateBuilder(args);
var orders = builder.Configuration["Orders:Url"];
builder.Services.AddHttpClient<OrdersClient>(c => c.BaseAddress = new Uri(orders));
var app = builder.Build();
app.Run();
"""
PROJECT = {"web/Web.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web"/>'}


def test_http_client() -> None:
    check({**PROJECT, "web/Models.cs": MODELS, "web/OrdersClient.cs": CLIENT, "web/Program.cs": PROGRAM})


REFIT = """\
using Refit;
namespace Shop;

public interface IOrders
{
    [Get("/orders/{id}")] Task<Order> Get(string id);
    [Post("/orders")] Task<Placed> Place([Body] NewOrder order);
}

public class Pages
{
    private readonly IOrders _orders;
    public Pages(IOrders orders) { _orders = orders; }
    public async Task<string> Show(string id)
    {
        // @below POST /orders; POST /orders > sku
        var placed = await _orders.Place(new NewOrder { Sku = "a" });
        var order = await _orders.Get(placed.Id); // @http POST /orders id; GET /orders/{id}
        return order.State; // @http GET /orders/{id} state
    }
}

public static class Startup
{
    public static void Add(IServiceCollection services) =>
        services.AddRefitClient<IOrders>().ConfigureHttpClient(c => c.BaseAddress = new Uri("http://orders:8080"));
}
"""


def test_refit() -> None:
    check({**PROJECT, "web/Models.cs": MODELS, "web/Pages.cs": REFIT})


NAMED = """\
namespace Shop;

public class Jobs
{
    public void Configure(IServiceCollection services)
    {
        services.AddHttpClient("orders", c => { c.BaseAddress = new Uri("http://orders:8080"); });
    }

    public async Task<string> Run(IHttpClientFactory factory)
    {
        var client = factory.CreateClient("orders");
        var json = await client.GetStringAsync("/orders/1"); // @http GET /orders/{id}
        using var document = JsonDocument.Parse(json);
        // @below GET /orders/{id} items
        foreach (var item in document.RootElement.GetProperty("items").EnumerateArray())
            Console.WriteLine(item.GetProperty("sku").GetString()); // @http GET /orders/{id} items[].sku
        // @below GET /orders/stats
        dynamic stats = JsonConvert.DeserializeObject(await client.GetStringAsync("/orders/stats"));
        return stats.count; // @http GET /orders/stats count
    }
}
"""


def test_named_clients_and_trees_of_json() -> None:
    check({**PROJECT, "web/Jobs.cs": NAMED})


def test_refit_with_settings_and_pages_that_are_not_followed() -> None:
    check(
        {
            "web/Program.cs": """\
using Refit;
using Web;
var builder = WebApplication.CreateBuilder(args);
builder.Services.AddRefitClient<IOrders>()
    .ConfigureHttpClient(c => { c.BaseAddress = new Uri(builder.Configuration["Orders:Url"]!); });
builder.Services.AddHttpClient<Stats>(o => o.BaseAddress = new("http://orders:8080"));
""",
            "web/IOrders.cs": """\
using Refit;
namespace Web;

public interface IOrders
{
    [Get("/orders/{id}")]
    Task<Order> Get(string id);
    [Post("/orders")]
    Task Place(NewOrder order);
}
public class Order
{
    public double Total { get; set; }
    public string State { get; set; }
}
public class NewOrder
{
    public readonly string Sku;
    public NewOrder(string sku) { Sku = sku; }
}
public class Count
{
    [JsonPropertyName("count")]
    public int Number { get; set; }
}
public class Stats(HttpClient http)
{
    public Task<Count> Load()
    {
        // @below GET /orders/stats; GET /orders/stats ?
        return http.GetFromJsonAsync<Count>("orders/stats");
    }
    public async Task<int> Number() => (await Load()).Number; // @http GET /orders/stats count
}
""",
            "web/Pages/Order.cshtml.cs": """\
namespace Web;

public class OrderModel(IOrders orders) : PageModel // @http ~ GET /orders/{id} ?
{
    public Order Order { get; set; }

    public async Task OnGet(string id)
    {
        Order = await orders.Get(id); // @http GET /orders/{id}
        await orders.Place(new NewOrder("1")); // @http POST /orders; POST /orders > sku
    }
}
""",
            "web/Pages/Order.cshtml": "@page\n@model OrderModel\n<p>@Model.Order.Total</p>\n",
            "web/Pages/Stats.razor": "@inject Stats Stats\n@code { Count all = await Stats.Load(); }\n",
        }
    )
