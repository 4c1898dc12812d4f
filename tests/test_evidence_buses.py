"""A bus of the repository's own: a library that writes and reads a topic that it names itself."""

from __future__ import annotations

from test_edges import pairs

BUS = """
public class EventBus : IEventBus {
    private const string TOPIC = "shop_bus";
    private readonly ServiceBusClient client;
    public EventBus(ServiceBusClient client) {
        this.client = client;
        this.sender = client.CreateSender(TOPIC);
        this.processor = client.CreateProcessor(TOPIC, subscription);
    }
    public void Publish(object e) { sender.SendMessageAsync(new ServiceBusMessage(e)); }
    public void Subscribe<T, H>() { }
}
"""


def service(name: str, code: str) -> dict[str, str]:
    project = (
        '<Project Sdk="Microsoft.NET.Sdk.Web"><ItemGroup>'
        '<ProjectReference Include="..\\bus\\bus.csproj" /></ItemGroup></Project>\n'
    )
    return {
        f"{name}/{name}.csproj": project,
        f"{name}/Program.cs": "services.AddSingleton<IEventBus, EventBus>();\n" + code,
    }


def test_a_topic_that_everybody_writes_and_reads_through_a_library_is_no_edge_by_itself() -> None:
    files = {
        "compose.yaml": "services:\n  cart: {build: cart}\n  mail: {build: mail}\n  pay: {build: pay}\n",
        "bus/bus.csproj": '<Project Sdk="Microsoft.NET.Sdk"></Project>\n',
        "bus/EventBus.cs": BUS,
        **service("cart", "bus.Publish(new CartPaid(1)); bus.Subscribe<ItemGone, OnItemGone>();\n"),
        **service("mail", "bus.Subscribe<CartPaid, OnCartPaid>(); bus.Publish(new MailSent());\n"),
        **service("pay", "bus.Publish(new Refunded()); bus.Subscribe<Refused, OnRefused>();\n"),
    }
    found = {(one[0], one[1]) for one in pairs(files)}
    assert ("mail", "pay") not in found
    assert ("pay", "cart") not in found
    assert ("cart", "pay") not in found
