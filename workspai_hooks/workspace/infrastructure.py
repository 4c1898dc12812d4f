"""Programs that are not anybody's own service: by the names of their images."""

from __future__ import annotations

import re

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.names import image_name

PROGRAMS = frozenset(
    """
    activemq alloydb alpine ambassador apisix arangodb artemis azure-sql-edge azurite busybox caddy
    cadvisor cassandra clickhouse clickhouse-server cockroach cockroachdb consul couchbase couchdb
    cp-kafka cp-schema-registry cp-server cp-zookeeper curl debian dgraph dragonfly dynamodb-local
    elasticsearch emqx envoy etcd eventstore flagd haproxy hazelcast httpd ignite influxdb kafka
    kafka-ui keycloak kibana kong krakend ldap localstack mailcatcher maildev mailhog mailpit mariadb
    memcached milvus minio mongo mongo-express mongodb mosquitto mssql mssql-server mysql mysql-server
    nats neo4j nginx nginx-unprivileged openldap opensearch oracle oracle-xe pgadmin4 pgbouncer pgvector
    phpmyadmin postgis postgres postgresql pulsar qdrant rabbitmq redis redis-stack redis-stack-server
    redpanda registry rethinkdb schema-registry scylla smtp4dev solr sonarqube sqlserver surrealdb
    temporal timescaledb traefik typesense ubuntu unleash-server valkey varnish vault vernemq weaviate
    wiremock yugabyte zookeeper
    """.split()  # noqa: SIM905
)

_CARRIERS = frozenset(
    """
    alpine ambassador apisix busybox caddy curl debian envoy flagd haproxy hazelcast httpd ignite keycloak
    kong krakend nginx nginx-unprivileged temporal traefik ubuntu varnish wiremock
    """.split()  # noqa: SIM905
)
"""Programs whose images are as a rule taken to run or to deliver what one's own build puts into them."""

TELEMETRY = frozenset(
    """
    alertmanager all-in-one alloy apm-server blackbox-exporter datadog dd-agent elk filebeat fluent-bit
    fluentd grafana graphite graylog jaeger jaeger-all-in-one kiali logstash loki mimir node-exporter
    opentelemetry-collector opentelemetry-collector-contrib opentelemetrycollector otel-collector
    otelcol prometheus promtail pushgateway pyroscope sentry seq signoz statsd tempo tracing-server
    victoria-metrics weave-scope zipkin zipkin-server
    """.split()  # noqa: SIM905
)

REGISTRIES = frozenset(
    """
    config-server configserver consul discovery-server eureka eureka-server hystrix-dashboard
    jhipster-control-center jhipster-registry nacos
    nacos-server service-registry spring-boot-admin spring-boot-admin-server spring-cloud-config-server
    turbine
    """.split()  # noqa: SIM905
)
"""Registries, configuration servers and their monitors: everybody talks to them, and nobody depends on them
as on a service."""

_TELEMETRY_WORD = regex(
    r"(?:^|[-_.])(?:otel|otelcol|opentelemetry|opentelemetrycollector|jaeger|zipkin|prometheus|grafana|fluentd|"
    r"fluentbit|logstash|loki|statsd|collector|telemetry|tracing|otlp)(?:$|[-_.])"
)
_TELEMETRY_VARIABLE = regex(
    r"(?:^|_)(?:OTEL|OTLP|COLLECTOR|JAEGER|ZIPKIN|TRACING|TRACE|TRACER|METRICS?|STATSD|PROMETHEUS|PROFILER|"
    r"EUREKA|SPRING_CLOUD_CONFIG|SPRING_BOOT_ADMIN|DATADOG|DD_AGENT|SENTRY|LOGSTASH|FLUENTD|LOKI|TELEMETRY|PUSHGATEWAY)(?:_|$)"
)


def is_program(image: str) -> bool:
    """A public program's image, by its whole name."""
    name = image_name(image).lower()
    stem = re.sub(r"[-_]?v?\d[\w.-]*$|-(?:alpine|debian|slim)$", "", name)
    return name in PROGRAMS or stem in PROGRAMS or name in TELEMETRY


def is_infrastructure(image: str) -> bool:
    """A public program's image, or one whose name has a word of telemetry."""
    return is_program(image) or is_telemetry(image)


def keeps_or_carries(image: str) -> bool:
    """A store or a broker: what a folder adds to its image (scripts that fill it, plugins) is no program."""
    name = re.sub(r"[-_]?v?\d[\w.-]*$|-(?:alpine|debian|slim)$", "", image_name(image).lower())
    return is_infrastructure(image) and name not in _CARRIERS


def is_telemetry(image: str) -> bool:
    """A collector of traces, metrics or logs."""
    name = image_name(image).lower()
    return name in TELEMETRY or _TELEMETRY_WORD.search(name) is not None


def is_registry(image: str) -> bool:
    """A service registry, a configuration server, or what watches them."""
    return image_name(image).lower() in REGISTRIES


def names_telemetry(name: str) -> bool:
    """A host or service that is called like a collector."""
    return _TELEMETRY_WORD.search(name.lower()) is not None


def variable_of_telemetry(name: str) -> bool:
    """A variable that tells where traces, metrics or logs go, or where the registry is."""
    return _TELEMETRY_VARIABLE.search(re.sub(r"[.-]", "_", name.upper())) is not None
