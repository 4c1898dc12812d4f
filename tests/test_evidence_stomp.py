"""STOMP's destinations are the queues of a broker, whoever else speaks to it and how."""

# ruff: noqa: E501 (small files, each on its line)

from __future__ import annotations

import pytest
from test_edges import pairs
from test_evidence_spring import application

SENDER = application("shop", "mail.queue=greetings\n") | {
    "shop/src/main/java/Sender.java": (
        "import org.springframework.jms.core.JmsTemplate;\nclass Sender {\n"
        '  @Value("${mail.queue}") String queue;\n'
        "  void send() { jmsTemplate.convertAndSend(queue, mail); }\n}\n"
    )
}
MAIL = {"mail/package.json": '{"name": "mail", "scripts": {"start": "node ."}}'}
FOUND = [("mail", "shop", "jms:greetings", "proven")]
CONFIG = {"mail/config.json": '{"broker": {"host": "localhost", "queueName": "greetings"}}\n'}


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("index.js", "const stompit = require('stompit');\nch.subscribe({destination: '/queue/greetings', ack: 'auto'}, f);\n"),
        (
            "index.js",
            "const stompit = require('stompit');\nconst mq_config = nconf.get('broker');\n"
            "const headers = {\n  destination: `/queue/${mq_config.queueName}`,\n  ack: 'client' };\nchannel.subscribe(headers, f);\n",
        ),
        ("index.js", "const Stomp = require('stomp-client');\nclient.subscribe('/queue/greetings', f);\n"),
        ("worker.py", "import stomp\nconn.subscribe(destination='/queue/greetings', id=1)\n"),
        ("worker.rb", "require 'stomp'\nclient.subscribe '/queue/greetings'\nclient.subscribe('/queue/greetings')\n"),
    ],
)  # fmt: skip
def test_who_subscribes(path: str, code: str) -> None:
    assert pairs({**SENDER, **MAIL, **CONFIG, f"mail/{path}": code}) == FOUND


@pytest.mark.parametrize(
    "code",
    [
        "const stompit = require('stompit');\nch.subscribe({destination: '/queue/other'}, f);\n",
        "const stompit = require('stompit');\nch.send({destination: '/queue/greetings'});\n",
        "const s = Stomp.over(new SockJS('/ws'));\ns.subscribe('/topic/greetings', f);\n",
        "const bus = require('events');\nbus.subscribe('/queue/greetings', f);\n",
    ],
)
def test_who_does_not(code: str) -> None:
    assert pairs({**SENDER, **MAIL, "mail/index.js": code}) == []
