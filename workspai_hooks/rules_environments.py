"""The rows of the rule table that are about environments which drift apart (ED…)."""

from __future__ import annotations

Row = tuple[str, str, str, str, str, str, str]
"""Id, name, severity, what it finds, why it is bad, an example, what to do instead."""

ROWS: tuple[Row, ...] = (
    (
        "ED01",
        "store-version-drift",
        "warning",
        "a store or broker that runs in another version locally than in production",
        "What works on a developer's machine meets other defaults, other SQL or another protocol in "
        "production. Only another release series is a warning; a minor version or a patch is a note.",
        "docker-compose.yml:   image: postgres:13\nvalues-prod.yaml:     tag: 15.4",
        "Run the version locally that production runs, or move both. Where it is meant, approve it.",
    ),
    (
        "ED02",
        "image-version-drift",
        "note",
        "an image, no store, that is pinned to another version locally than everywhere in production",
        "Developers test with a program that is not the one that is deployed.",
        "docker-compose.yml:  image: envoyproxy/envoy:v1.27.0\n"
        "k8s/edge.yaml:       image: envoyproxy/envoy:v1.30.1",
        "Pin one version in both, best in one place that both read.",
    ),
    (
        "ED03",
        "runtime-below-source",
        "warning",
        "a Dockerfile whose language run time is older than the sources demand that are built in it",
        "The build fails, or fetches another tool chain than the image has, or the program does not start.",
        "Dockerfile:  FROM golang:1.19\ngo.mod:      go 1.22",
        "Move the image to what the sources demand, or lower the demand to what they really need.",
    ),
    (
        "ED04",
        "runtime-drift",
        "note",
        "a version manager's file, a devcontainer or a Dockerfile for development with another release of a "
        "language than the image that is deployed",
        "What is written and tested with one release is deployed with another.",
        ".python-version:  3.9\nDockerfile:       FROM python:3.12-slim",
        "Give developers the release that the image has.",
    ),
    (
        "ED05",
        "contract-runtime-drift",
        "note",
        "services that share a contract and run on different releases of one language",
        "Generated code and its run time library support a range of releases: one that lags keeps all of "
        "them from moving, and defects of the serialisation show on one side only.",
        "orders/Dockerfile:   FROM python:3.9\nbilling/Dockerfile:  FROM python:3.12  # both hold shop.proto",
        "Move the one that lags, or say why it stays.",
    ),
    (
        "ED06",
        "variable-missing",
        "warning",
        "an environment variable that the source reads, set in one environment and missing in another",
        "The service starts where it is set, and fails or does something else where it is not. Where the "
        "source has another default, or the variable is only missing locally, it is a note.",
        "docker-compose.yml:  PAYMENT_QUEUE: payments\nvalues-prod.yaml:    (nothing)\norders/main.py:      "
        'os.environ["PAYMENT_QUEUE"]',
        "Set it in both, or give it a default in the source.",
    ),
    (
        "ED07",
        "flag-missing",
        "warning",
        "a feature flag that the source reads, set in one environment and missing in another",
        "What was tested with the flag runs without it.",
        'values-staging.yaml:  FEATURE_NEW_CART: "true"\nvalues-prod.yaml:     (nothing)',
        "Set the flag everywhere, off where it is to be off.",
    ),
    (
        "ED08",
        "port-drift",
        "note",
        "a service of this repository with other ports locally than in production",
        "A port that nothing listens on is only found out when the Service gets no answer.",
        'docker-compose.yml:  ports: ["8080:8080"]\nk8s/cart.yaml:       containerPort: 9090',
        "Name the port that the service listens on, or set it by a variable in both.",
    ),
    (
        "ED09",
        "limit-missing",
        "note",
        "a resource limit that one environment has and another one has not",
        "Nobody knows how the service behaves when it is short of memory where it is limited, and nothing "
        "keeps it from taking its node's where it is not.",
        "docker-compose.yml:  mem_limit: 512m\nk8s/cart.yaml:       resources: {}",
        "Give production the limit that is tested locally, or a larger one.",
    ),
    (
        "ED10",
        "client-below-server",
        "warning",
        "a client library that does not speak the protocol of the server version that runs",
        "The server answers it with an error, or closes the connection: by a table with its sources, which "
        "is short and holds what is certain only.",
        "requirements.txt:    pymongo==3.4.0     # knows no OP_MSG\n"
        "docker-compose.yml:  image: mongo:6.0   # takes nothing else",
        "Move the client library first, then the server.",
    ),
)
