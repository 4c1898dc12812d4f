"""Topics and queues: who writes and who reads, by literal, constant, setting and environment."""

# ruff: noqa: E501 (small files, each on its line)

from __future__ import annotations

import time

import pytest
from test_edges import pairs

from workspai_hooks.workspace.edges.topics import matches
from workspai_hooks.workspace.evidence import EXTRACTORS, Extractor

Files = dict[str, str]
GO = "package main\n\nfunc main() {}\n"


def system(writer: Files, reader: Files, **more: str) -> Files:
    """Two services, `writer` and `reader`, of these files."""
    files = {"compose.yaml": "services:\n  writer: {build: writer}\n  reader: {build: reader}\n"}
    for name, own in (("writer", writer), ("reader", reader)):
        files[f"{name}/Dockerfile"] = "FROM scratch\n"
        files[f"{name}/main.go"] = GO
        files |= {f"{name}/{path}": text for path, text in own.items()}
    return files | more


def topics(files: Files) -> set[tuple[str, str, str]]:
    return {(one[0], one[1], one[2]) for one in pairs(files) if one[3] == "proven"}


READS = {("reader", "writer", "kafka:orders")}
SARAMA = 'import "github.com/IBM/sarama"\n'
KAFKA = [
    (
        {"A.java": 'class A { KafkaTemplate<String, O> template; void a() { template.send("orders", o); } }'},
        {"B.java": 'class B { @KafkaListener(topics = {"orders", "other"}, groupId = "b") void b(O o) {} }'},
    ),
    (
        {"A.java": 'import org.apache.kafka.*; class A { void a() { p.send(new ProducerRecord<String, O>(TOPIC, o)); } String TOPIC = "orders"; }'},
        {"B.java": 'class B { void b() { KafkaConsumer<K, V> consumer; consumer.subscribe(List.of("orders")); } }'},
    ),
    (
        {"A.java": "import org.apache.kafka.streams.*; class A { StreamsBuilder b; void a(KStream s) { s.to(Topics.ORDERS); } }",
         "T.java": 'class Topics { static final String ORDERS = "orders"; }'},
        {"B.java": 'import org.apache.kafka.streams.*; class B { void b(StreamsBuilder builder) { builder.stream("orders"); } }'},
    ),
    (
        {"a.go": SARAMA + 'func a() { p.Input() <- &sarama.ProducerMessage{\n\tTopic: "orders",\n\tValue: v,\n} }\n'},
        {"b.go": SARAMA + 'func b() { pc, _ := consumer.ConsumePartition("orders", 0, sarama.OffsetNewest) }\n'},
    ),
    (
        {"a.go": 'import "github.com/segmentio/kafka-go"\nvar w = &kafka.Writer{Addr: a, Topic: "orders"}\n'},
        {"b.go": SARAMA + 'const topic = "orders"\nfunc b() { group.Consume(ctx, []string{topic}, handler) }\n'},
    ),
    (
        {"a.js": "const { Kafka } = require('kafkajs')\nawait producer.send({ topic: 'orders', messages: [m] })\n"},
        {"b.ts": "import { Kafka } from 'kafkajs'\nconst topic = 'orders'\nawait consumer.subscribe({ topic, fromBeginning: true })\n"},
    ),
    (
        {"a.py": 'from kafka import KafkaProducer\nproducer = KafkaProducer()\nproducer.send("orders", b"x")\n'},
        {"b.py": 'from confluent_kafka import Consumer\nTOPIC = os.environ.get("TOPIC", "orders")\nconsumer.subscribe([TOPIC])\n'},
    ),
    (
        {"A.cs": 'using Confluent.Kafka;\nclass A { void B() { await producer.ProduceAsync("orders", m); } }\n'},
        {"B.cs": 'using Confluent.Kafka;\nclass B { const string Topic = "orders"; void C() { consumer.Subscribe(Topic); } }\n'},
    ),
    (
        {"a.rs": 'use rdkafka::producer::FutureRecord;\nfn a() { p.send(FutureRecord::to("orders").payload(x)); }\n'},
        {"b.rb": 'require "kafka"\nkafka = Kafka.new(["k:9092"])\nconsumer.subscribe("orders")\n'},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("writer", "reader"), KAFKA)
def test_kafka_in_every_language(writer: Files, reader: Files) -> None:
    assert topics(system(writer, reader)) == READS


def test_a_topic_by_setting_and_by_environment() -> None:
    writer = {
        "A.java": 'class A { @Value("${topics.orders}") String t; KafkaTemplate<K, V> template; void a() { template.send(t, o); } }',
        "src/main/resources/application.yml": "topics:\n  orders: orders\n",
    }
    reader = {"b.js": "require('kafkajs')\nconsumer.subscribe({ topic: process.env.ORDERS_TOPIC })\n"}
    compose = (
        "services:\n  writer: {build: writer}\n  reader:\n    build: reader\n"
        "    environment: {ORDERS_TOPIC: orders}\n"
    )
    assert topics(system(writer, reader, **{"compose.yaml": compose})) == READS


def test_constants_of_a_shared_folder() -> None:
    files = system(
        {"a.go": SARAMA + "var m = sarama.ProducerMessage{Topic: topics.OrdersTopic}\n"},
        {"b.go": SARAMA + "func b() { c.ConsumePartition(topics.OrdersTopic, 0, 0) }\n"},
        **{"pkg/topics/topics.go": 'package topics\n\nconst OrdersTopic = "orders"\n'},
    )
    assert topics(files) == READS


@pytest.mark.parametrize(
    "reader",
    [
        'func b() { consumer, _ := sarama.NewConsumer([]string{"orders"}, c) }\n',
        '// c.ConsumePartition("orders", 0, 0)\n',
        'func b() { c.ConsumePartition("returns", 0, 0) }\n',
        "func b() { c.ConsumePartition(name, 0, 0) }\n",
    ],
)
def test_no_reader_no_edge(reader: str) -> None:
    writer = {"a.go": SARAMA + 'var m = sarama.ProducerMessage{Topic: "orders"}\n'}
    assert topics(system(writer, {"b.go": SARAMA + reader})) == set()


JAVA_BINDING = """import org.springframework.amqp.core.*;
class Config {
  static final String QUEUE = "mail-queue";
  @Bean Queue queue() { return new Queue(QUEUE, true); }
  @Bean TopicExchange exchange() { return new TopicExchange("shop"); }
  @Bean Binding binding(Queue queue, TopicExchange exchange) {
    return BindingBuilder.bind(queue).to(exchange).with("order.*");
  }
}
"""
AMQP = [
    (
        {"A.java": 'class A { RabbitTemplate rabbit; void a() { rabbit.convertAndSend("shop", "order.created", o); } }'},
        {"C.java": JAVA_BINDING, "B.java": "class B { @RabbitListener(queues = Config.QUEUE) void b(O o) {} }"},
        "amqp:shop",
    ),
    (
        {"a.py": "import pika\nchannel.basic_publish(exchange='', routing_key='jobs', body=b)\n"},
        {"b.js": "const amqp = require('amqplib')\nchannel.consume('jobs', m => 1)\n"},
        "amqp:jobs",
    ),
    (
        {"a.js": "const amqp = require('amqplib')\nconst ex = 'logs'\nchannel.publish(ex, '', Buffer.from(m))\n"},
        {"b.py": "import pika\nr = channel.queue_declare('')\nchannel.queue_bind(exchange='logs', queue=r.method.queue)\n"
                 "channel.basic_consume(queue=r.method.queue, on_message_callback=f)\n"},
        "amqp:logs",
    ),
    (
        {"a.go": 'import amqp "github.com/rabbitmq/amqp091-go"\nfunc a() { ch.PublishWithContext(ctx, "", q.Name, false, false, m)\n'
                 ' ch.PublishWithContext(ctx, "shop", "order.created", false, false, m) }\n'},
        {"b.go": 'import amqp "github.com/rabbitmq/amqp091-go"\nfunc b() { ch.QueueBind(q.Name, "order.#", "shop", false, nil)\n'
                 ' msgs, _ := ch.Consume(q.Name, "", true, false, false, false, nil) }\n'},
        "amqp:shop",
    ),
    (
        {"a.go": 'import "x/rabbitmq/publisher"\nvar o = publisher.ExchangeName("orders-exchange")\n'},
        {"b.go": 'import "x/rabbitmq/consumer"\nvar o = consumer.ExchangeName("orders-exchange")\n'},
        "amqp:orders-exchange",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("writer", "reader", "protocol"), AMQP)
def test_rabbitmq(writer: Files, reader: Files, protocol: str) -> None:
    assert topics(system(writer, reader)) == {("reader", "writer", protocol)}


def test_a_routing_key_that_the_binding_does_not_match() -> None:
    writer = {
        "A.java": 'class A { RabbitTemplate rabbit; void a() { rabbit.convertAndSend("shop", "user.new", o); } }'
    }
    reader = {
        "C.java": JAVA_BINDING,
        "B.java": "class B { @RabbitListener(queues = Config.QUEUE) void b() {} }",
    }
    assert topics(system(writer, reader)) == set()


OTHERS = [
    ({"a.py": "import redis\nr.rpush('votes', data)\n"},
     {"B.cs": 'using StackExchange.Redis;\nclass B { void C() { var j = redis.ListLeftPopAsync("votes").Result; } }'}, "redis:votes"),
    ({"a.go": 'import "github.com/nats-io/nats.go"\nfunc a() { nc.Publish("orders.new", b) }\n'},
     {"b.go": 'import "github.com/nats-io/nats.go"\nfunc b() { nc.QueueSubscribe("orders.*", "q", f) }\n'}, "nats:orders.new"),
    ({"A.cs": "class A { void B() { eventBus.Publish(new OrderPaidIntegrationEvent(1)); } }\n"},
     {"B.cs": "class B : IIntegrationEventHandler<OrderPaidIntegrationEvent> { }\n"}, "event:OrderPaidIntegrationEvent"),
    ({"A.cs": "using MassTransit;\nclass A { void B() { await bus.Publish<OrderPaid>(new { Id = 1 }); } }\n"},
     {"B.cs": "using MassTransit;\nclass B : IConsumer<OrderPaid> { }\n"}, "event:OrderPaid"),
    ({"a.py": "import boto3\nsqs.send_message(QueueUrl='https://sqs.eu-west-1.amazonaws.com/1/jobs', MessageBody=b)\n"},
     {"b.js": "const { SQSClient } = require('@aws-sdk/client-sqs')\nnew ReceiveMessageCommand({ QueueUrl: 'http://localstack:4566/0/jobs' })\n"}, "sqs:jobs"),
    ({"a.py": "from dapr.clients import DaprClient\nclient.publish_event(pubsub_name='p', topic_name='orders', data=d)\n"},
     {"B.cs": 'using Dapr;\napp.MapPost("/o", [Topic("p", "orders")] (Order o) => 1);\n'}, "dapr:orders"),
    ({"A.java": 'class A { StreamBridge bridge; void a() { bridge.send("out", o); } }',
      "src/main/resources/application.yml": "spring.cloud.stream.bindings.out.destination: orders\n"},
     {"B.java": "class B { @Bean public Consumer<O> mail() { return o -> {}; } }",
      "src/main/resources/application.yml": "spring:\n  cloud:\n    stream:\n      bindings:\n        mail-in-0:\n          destination: orders\n"}, "topic:orders"),
    ({"A.java": "import io.eventuate.tram.*;\nclass A { void a() { publisher.publish(Customer.class, id, events); } }"},
     {"B.java": 'import io.eventuate.tram.*;\nclass B { void b() { Builder.forAggregateType("com.x.domain.Customer"); } }'}, "event:Customer"),
]  # fmt: skip


@pytest.mark.parametrize(("writer", "reader", "protocol"), OTHERS, ids=[one[2] for one in OTHERS])
def test_other_brokers(writer: Files, reader: Files, protocol: str) -> None:
    assert topics(system(writer, reader)) == {("reader", "writer", protocol)}


@pytest.mark.parametrize(
    ("sender", "handler"),
    [
        ({"a.py": 'from celery import Celery\ncelery.send_task("mail.send", args=[1])\n'},
         {"b.py": 'from celery import shared_task\n@shared_task(name="mail.send")\ndef send(x): pass\n'}),
        ({"A.java": 'import io.eventuate.*;\nclass A { void a() { send(new C()).to("mails").build(); } }'},
         {"B.java": 'import io.eventuate.*;\nclass B { void b() { SagaCommandHandlersBuilder.fromChannel("mails"); } }'}),
        ({"A.java": "import org.axonframework.*;\nclass A { CommandGateway g; void a() { g.send(new SendMail(1)); } }"},
         {"B.java": "import org.axonframework.*;\nclass B { @CommandHandler\n  public void on(SendMail command) { } }"}),
    ],
)  # fmt: skip
def test_who_sends_a_command_depends_on_who_handles_it(sender: Files, handler: Files) -> None:
    assert {one[:2] for one in topics(system(sender, handler))} == {("writer", "reader")}


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("order.*", "order.created", True),
        ("order.*", "order.item.created", False),
        ("order.#", "order.item.created", True),
        ("order.#", "order", True),
        ("orders.>", "orders.new.eu", True),
        ("sensors/+/heat", "sensors/a/heat", True),
        ("order.*", "user.created", False),
    ],
)
def test_wildcards(pattern: str, name: str, fits: bool) -> None:
    assert matches(pattern, name) is fits


@pytest.mark.parametrize(
    ("writer", "reader", "found"),
    [
        # Eventuate: the channel of a shared library's constant, published by the aggregate's class
        (
            {"P.java": "import io.eventuate.*; class P extends AbstractAggregateDomainEventPublisher<Order, E> {}"},
            {"C.java": "import io.eventuate.*; class C { D d() { return b.forAggregateType(OrderChannels.EVENTS).onEvent(E.class, this::e); } }"},
            {("reader", "writer", "event:Order")},
        ),
        (
            {"P.java": "import io.eventuate.*; class P extends AbstractAggregateDomainEventPublisher<Ticket, E> {}"},
            {"C.java": "import io.eventuate.*; class C { D d() { return b.forAggregateType(OrderChannels.EVENTS).onEvent(E.class, this::e); } }"},
            set(),
        ),
        # Who binds a queue of a computed name and reads one
        (
            {"a.py": 'import pika\nclass P:\n    EXCHANGE = "shop"\n    def p(self):\n        self.ch.basic_publish(exchange=self.EXCHANGE, routing_key="orders", body=b)\n'},
            {"b.go": 'import "github.com/streadway/amqp"\nfunc b() {\n queue, err := ch.QueueDeclare("orders", true)\n ch.QueueBind(queue.Name, "orders", "shop", false, nil)\n ch.Consume("orders", "", true)\n}\n'},
            {("reader", "writer", "amqp:shop")},
        ),
        (
            {"a.py": 'import pika\nself.ch.basic_publish(exchange="other", routing_key="orders", body=b)\n'},
            {"b.go": 'import "github.com/streadway/amqp"\nfunc b() {\n ch.QueueBind(queue.Name, "orders", "shop", false, nil)\n ch.Consume("orders", "", true)\n}\n'},
            set(),
        ),
        # Elixir's module attributes
        (
            {"p.ex": 'defmodule P do\n  def p(ch), do: AMQP.Basic.publish(ch, "mail.new", "", id)\nend\n'},
            {"c.ex": 'defmodule C do\n  @exchange "mail.new"\n  def c(ch, q) do\n    AMQP.Queue.bind(ch, q, @exchange)\n    AMQP.Basic.consume(ch, q, nil, no_ack: true)\n  end\nend\n'},
            {("reader", "writer", "amqp:mail.new")},
        ),
        # NATS' dispatchers, with the subject injected into a constructor
        (
            {"a.go": 'import "github.com/nats-io/nats.go"\nfunc a() { nc.Publish("orders", b) }\n'},
            {"B.java": 'import io.nats.client.*; class B { String s; B(@Value("${subjects.orders}") String s) { this.s = s; Dispatcher d = nc.createDispatcher(h); d.subscribe(this.s); } }',
             "src/main/resources/application.properties": "subjects.orders=${ORDERS:orders}\n"},
            {("reader", "writer", "nats:orders")},
        ),
        # AMQP 1.0
        (
            {"a.js": "const rhea = require('rhea')\nconst s = connection.open_sender('orders')\n"},
            {"b.go": 'import "github.com/Azure/go-amqp"\nfunc b() { r, err := session.NewReceiver(ctx, "orders", nil) }\n'},
            {("reader", "writer", "amqp:orders")},
        ),
        # Types that a mapper makes
        (
            {"A.cs": "class A { IPublishEndpoint e; void a() { var m = dto.Adapt<OrderPaid>(); e.Publish(m); } }"},
            {"B.cs": "using MassTransit; class B : IConsumer<OrderPaid> {}"},
            {("reader", "writer", "event:OrderPaid")},
        ),
        # How a bus is set up to send is no sending
        (
            {"A.cs": "using MassTransit; class A { ISendEndpointProvider p; void a() { cfg.Send<OrderPaid>(e => e.UseKey(k)); } }"},
            {"B.cs": "using MassTransit; class B : IConsumer<OrderPaid> {}"},
            set(),
        ),
        # Symfony's Messenger
        (
            {"A.php": "<?php class A { function __construct(private MessageBusInterface $bus) {} function a() { $event = new Shop\\OrderPaid(1); $this->bus->dispatch($event); } }"},
            {"B.php": "<?php #[AsMessageHandler] class B { public function __invoke(OrderPaid $event) {} }"},
            {("reader", "writer", "event:OrderPaid")},
        ),
        (
            {"A.php": "<?php class A { function a() { $event = new OrderPaid(1); $this->bus->dispatch($event); } }"},
            {"B.php": "<?php #[AsMessageHandler] class B { public function __invoke(OrderPaid $event) {} }"},
            set(),
        ),
    ],
)  # fmt: skip
def test_names_that_are_told_elsewhere(
    writer: Files, reader: Files, found: set[tuple[str, str, str]]
) -> None:
    shared = 'class OrderChannels { public static final String EVENTS = "com.shop.domain.Order"; }\n'
    assert topics(system(writer, reader, **{"shared/src/OrderChannels.java": shared})) == found


SEEDS = ("(", "a", "\n", "a.", "aA_", "[{(", '"', "'a'", "@a(", "${a:", "a:\n", "://", "a=b,", ".publish(", "publish(a,",
         "Consumer(typeof(A)", "class A ", "x {", "http://${", "new A(")  # fmt: skip


@pytest.mark.parametrize("extractor", EXTRACTORS, ids=lambda one: one.name)
def test_hostile_files_take_bounded_time(extractor: Extractor) -> None:
    """A file of one thing again and again, with everything in it that makes an extractor look."""
    marks = b" ".join((*extractor.marks, b"eventuate kafka amqp RabbitMQ MassTransit KafkaConsumer sarama"))
    for seed in SEEDS:
        started = time.process_time()
        extractor.read(marks + b"\n" + seed.encode() * (60_000 // len(seed)))
        assert time.process_time() - started < 1.5, seed


@pytest.mark.parametrize(
    ("publishes", "subscribes", "known"),
    [
        ('PublishEventAsync("item-added", item)', '[Topic("item-added")]', {("web", "cart")}),
        (
            'PublishEventAsync("item-added", item, cancellationToken)',
            '[Topic("item-added")]',
            {("web", "cart")},
        ),
        ('PublishEventAsync("item-added", "item-gone")', '[Topic("item-added")]', set()),
        ('PublishEventAsync("bus", "item-added", item)', '[Topic("bus", "item-added")]', {("web", "cart")}),
        ('PublishEventAsync("bus", "item-added", item)', '[Topic("bus", "item-gone")]', set()),
    ],
)
def test_dapr_topics_of_both_ages_of_its_sdk(
    publishes: str, subscribes: str, known: set[tuple[str, str]]
) -> None:
    files = {
        "compose.yaml": "services:\n  cart: {build: cart}\n  web: {build: web}\n",
        "cart/Cart.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web"></Project>\n',
        "cart/A.cs": f"class A {{ Task Add(DaprClient client, Item item) => client.{publishes}; }}\n",
        "web/Web.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web"></Project>\n',
        "web/B.cs": f"using Dapr;\nclass B {{ {subscribes} void Added() {{}} }}\n",
    }
    assert {one[:2] for one in pairs(files)} == known
