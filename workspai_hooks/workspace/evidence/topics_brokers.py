"""Redis, NATS, MQTT and the clouds' queues: calls that write and read a channel, subject, list or queue."""

# ruff: noqa: E501 (a row of a table is one line)

from __future__ import annotations

from workspai_hooks.workspace.evidence.calls import Call, call, clues_of
from workspai_hooks.workspace.evidence.sightings import Role, Sightings

MARKS = (
    *(b"edis", b"REDIS", b"nats", b"Nats", b"NATS", b"mqtt", b"Mqtt", b"MQTT", b"sns", b"Sns", b"SNS"),
    *(b"sqs", b"Sqs", b"SQS", b"pubsub", b"PubSub", b"ervice_bus", b"ervicebus", b"erviceBus", b"ervice-bus"),
    *(b"pulsar", b"Pulsar", b"stomp", b"JmsTemplate", b"JmsListener", b"zmq"),
)
_PUB, _SUB, _ASK = Role.PUBLISHES, Role.SUBSCRIBES, Role.REQUESTS
_REDIS = r"redis"
_NATS = r"\bnats|Nats|stan\b"
_CLIENT = r"\b\w{0,40}(?:nc|nats\w{0,40}|js|stan|conn\w{0,40}|client|bus|broker)\w{0,40}\s*(?:\(\))?"

CALLS: tuple[Call, ...] = (
    # Redis: lists as queues, publish and subscribe, streams
    call(_PUB, "redis", r"(?:[lr]push|[LR]Push|lpushx|rpushx|List(?:Left|Right)Push(?:Async)?|[lr]Push|(?:left|right)Push)\s*\(", 0, _REDIS),
    call(_SUB, "redis", r"(?:\.|->)(?:b?[lr]pop|B[LR]Pop|List(?:Left|Right)Pop(?:Async)?|b?[lr]Pop|(?:left|right)Pop|brpoplpush|BRPopLPush)\s*\(", 0, _REDIS),
    call(_PUB, "redis", r"(?:\.|->)(?:publish|Publish|PublishAsync|convertAndSend)\s*\(", 0, _REDIS),
    call(_SUB, "redis", r"(?:\.|->)(?:p?subscribe|P?Subscribe(?:Async)?|pSubscribe)\s*\(", 0, _REDIS),
    call(_SUB, "redis", r"\bnew\s+(?:Channel|Pattern)Topic\s*\(", 0, r"RedisMessageListenerContainer"),
    call(_PUB, "redis", r"(?:\.|->)(?:xadd|xAdd|StreamAdd(?:Async)?)\s*\(", 0, _REDIS),
    call(_PUB, "redis", r"\bXAddArgs\s*\{", "stream", _REDIS),
    call(_SUB, "redis", r"\bXRead(?:Group)?Args\s*\{", "streams", _REDIS),
    call(_SUB, "redis", r"(?:\.|->)(?:StreamRead(?:Group)?(?:Async)?)\s*\(", 0, _REDIS),
    call(_SUB, "redis", r"\.xgroup_create\s*\(", 0, _REDIS),
    # Redis from Go: a context comes first
    call(_PUB, "redis", r"\.(?:[LR]PushX?|Publish)\s*\(", 1, r"go-redis|redis/v\d"),
    call(_SUB, "redis", r"\.(?:[LR]Pop|P?Subscribe)\s*\(", 1, r"go-redis|redis/v\d"),
    call(_SUB, "redis", r"\.B[LR]Pop\s*\(", 2, r"go-redis|redis/v\d"),
    # NATS
    call(_PUB, "nats", _CLIENT + r"\.Publish\s*\(", 1, r"nats\.go/jetstream"),
    call(_PUB, "nats", _CLIENT + r"\.(?:Publish|publish|PublishAsync|PublishMsg|publishAsync)\s*\(", 0, _NATS),
    call(_SUB, "nats", _CLIENT + r"\.(?:Subscribe|subscribe|SubscribeAsync|QueueSubscribe|SubscribeSync|QueueSubscribeSync|ChanSubscribe|PullSubscribe|pull_subscribe)\s*\(", 0, _NATS),
    call(_SUB, "nats", r"\.subscribe\s*\(", 0, r"createDispatcher"),
    call(_ASK, "nats", _CLIENT + r"\.(?:Request|request|RequestAsync|RequestWithContext)\s*\(", 0, r"nats\.go|NATS\.Client|nats-py|import nats|['\"]nats['\"]"),
    # Google Pub/Sub, AWS, Azure
    call(_PUB, "pubsub", r"\.(?:topic_path|topicPath)\s*\(", 1, r"pubsub"),
    call(_SUB, "pubsub", r"\.(?:subscription_path|subscriptionPath)\s*\(", 1, r"pubsub"),
    call(_PUB, "pubsub", r"(?:[cC]lient|[pP]ub[sS]ub)\w{0,40}\.(?:Topic|topic|Publisher)\s*\(", 0, r"cloud\.google\.com/go/pubsub|@google-cloud/pubsub"),
    call(_SUB, "pubsub", r"(?:[cC]lient|[pP]ub[sS]ub)\w{0,40}\.(?:Subscription|subscription|Subscriber)\s*\(", 0, r"cloud\.google\.com/go/pubsub|@google-cloud/pubsub"),
    call(_PUB, "sqs", r"\b(?:SendMessage(?:Batch)?(?:Input|Command|Request)|send_message(?:_batch)?|sendMessage(?:Batch)?|SendMessageAsync)\s*[({]", "queueurl queue", r"sqs", last_segment=True),
    call(_SUB, "sqs", r"\b(?:ReceiveMessage(?:Input|Command|Request)|receive_message|receiveMessage|ReceiveMessageAsync)\s*[({]", "queueurl queue", r"sqs", last_segment=True),
    call(_SUB, "sqs", r"@SqsListener\s*\(", 0, last_segment=True),
    call(_SUB, "sqs", r"@SqsListener\s*\(", "value queuenames", last_segment=True),
    call(_PUB, "sqs", r"\b(?:queueMessagingTemplate|sqsTemplate)\.(?:convertAndSend|send)\s*\(", 0, last_segment=True),
    call(_PUB, "sns", r"\b(?:Publish(?:Input|Command|Request)|publish|PublishAsync)\s*[({]", "topicarn", r"sns", last_segment=True),
    call(_SUB, "sns", r"\b(?:Subscribe(?:Input|Command|Request)|subscribe|SubscribeAsync)\s*[({]", "topicarn", r"sns", last_segment=True),
    call(_PUB, "servicebus", r"\.(?:CreateSender|createSender|NewSender|get_queue_sender|get_topic_sender)\s*\(", 0, r"service[_-]?bus"),
    call(_PUB, "servicebus", r"\.(?:get_queue_sender|get_topic_sender)\s*\(", "queuename topicname", r"service[_-]?bus"),
    call(_SUB, "servicebus", r"\.(?:CreateReceiver|CreateProcessor|createReceiver|NewReceiverForQueue|NewReceiverForSubscription|get_queue_receiver)\s*\(", 0, r"service[_-]?bus"),
    call(_SUB, "servicebus", r"\.(?:get_queue_receiver|get_subscription_receiver)\s*\(", "queuename topicname", r"service[_-]?bus"),
    call(_SUB, "servicebus", r"\[?ServiceBusTrigger\s*\(", 0),
    # MQTT, Pulsar, JMS
    call(_PUB, "mqtt", r"\.(?:publish|Publish)\s*\(", 0, r"mqtt"),
    call(_SUB, "mqtt", r"\.(?:subscribe|Subscribe)\s*\(", 0, r"mqtt"),
    call(_PUB, "pulsar", r"\.create_producer\s*\(|\.CreateProducer\s*\(\s*pulsar\.ProducerOptions\s*\{", 0, r"pulsar", last_segment=True),
    call(_PUB, "pulsar", r"\b(?:ProducerOptions\s*\{|newProducer\s*\([^)]{0,40}\)\s*\.topic\s*\()", "topic", r"pulsar", last_segment=True),
    call(_SUB, "pulsar", r"\bConsumerOptions\s*\{", "topic", r"pulsar", last_segment=True),
    call(_SUB, "jms", r"@JmsListener\s*\(", "destination"),
    call(_PUB, "jms", r"\b\w{0,40}[jJ]ms\w{0,40}\.(?:convertAndSend|send)\s*\(", 0, r"JmsTemplate|JmsMessagingTemplate"),
)  # fmt: skip


def read(data: bytes) -> Sightings:
    """The channels, subjects and queues that a file writes and reads."""
    return clues_of(data, CALLS)
