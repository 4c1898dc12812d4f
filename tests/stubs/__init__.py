"""Sidecars run against real servers: one set of policies and scenarios, a client program a language."""

import pytest

pytest.register_assert_rewrite("stubs.http_checks")
