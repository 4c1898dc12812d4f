"""Retries in Python: urllib3 and requests, tenacity, stamina, backoff, retrying, retry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from msgspec.structs import replace
from tree_sitter import Node

from workspai_hooks.patterns import regex
from workspai_hooks.resilience.reading import Edit, Fix, Read
from workspai_hooks.resilience.sources.code import BACKOFF, IGNORED, UNCAPPED, Code, is_source
from workspai_hooks.resilience.sources.sessions_python import layers_of

MARKS = (
    b"tenacity",
    b"stamina",
    b"backoff",
    b"urllib3",
    b"HTTPAdapter",
    b"retrying",
    b"from retry",
    b"import retry",
)
Arguments = Mapping[str, str]
Found = Iterator[tuple[str, str]]
"""Rule and what is wrong."""
_NO_LIMIT = "has no limit of tries or time"
_AT_ONCE = "does not wait between tries"
_SAME = "has no jitter: all clients wait the same"
_ZERO = regex(r"0(?:\.0{0,9})?|False|None")
_RANDOM = regex(r"(?i)random|jitter")
_KNOWN_WAIT = regex(r"wait_(?:fixed|exponential|incrementing|chain)\b")
_TOLD = regex(r"\b(?:413|429|503)\b|TOO_MANY_REQUESTS|SERVICE_UNAVAILABLE")
_COUNTS = ("total", "connect", "read", "status", "other", "redirect")


def wanted(path: str) -> bool:
    return is_source(path, ".py")


def read(path: str, data: bytes) -> Read:
    """The faults of a file's retries."""
    code = Code(path, data)
    names = dict(_imported(code))
    faults = []
    bound: dict[str, tuple[Node, Arguments]] = {}
    for node, called, arguments in _retries(code, names):
        library = called.partition(".")[0]
        for rule, message in LIBRARIES[called](arguments):
            fix = _heeded(path, data, code, node) if rule == IGNORED else None
            faults.append(replace(code.fault(rule, node, library, message), fix=fix))
        if called == "urllib3.Retry":
            bound[_name(code, node)] = node, arguments
    return Read(layers=tuple(layers_of(code, bound)) if bound else (), faults=tuple(faults))


def _name(code: Code, node: Node) -> str:
    """What a call's value is bound to, or its own text."""
    parent = node.parent
    if parent is not None and parent.type == "assignment":
        return code.text(parent.child_by_field_name("left"))
    return code.text(node).replace(" ", "")


_UNHEEDED = regex(r"\brespect_retry_after_header\s{0,5}=\s{0,5}False\b")


def _heeded(path: str, data: bytes, code: Code, node: Node) -> Fix | None:
    """The header is waited for, where the argument stands in one line of the call."""
    first = code.location(node).line
    lines = data.decode("utf-8", "replace").splitlines()
    for number in range(first, first + code.text(node).count("\n") + 1):
        line = lines[number - 1]
        changed = _UNHEEDED.sub("respect_retry_after_header=True", line)
        if changed != line:
            return Fix("wait as long as Retry-After says", (Edit(path, number, (line,), (changed,)),))
    return None


def _imported(code: Code) -> Iterator[tuple[str, str]]:
    """Names of a file, and what they are."""
    for node in code.nodes("import_statement", "import_from_statement"):
        module = node.child_by_field_name("module_name")
        start = code.text(module) + "." if module is not None else ""
        for one in node.children_by_field_name("name"):
            text = code.text(one.child_by_field_name("name") or one)
            alias = code.text(one.child_by_field_name("alias"))
            if alias or start:
                yield alias or text, start + text
            else:
                yield text.partition(".")[0], text.partition(".")[0]


def _retries(code: Code, names: Mapping[str, str]) -> Iterator[tuple[Node, str, Arguments]]:
    for node in code.nodes("call", "decorator"):
        if node.type == "decorator":
            bare = node.named_children[0] if node.named_children else None
            if bare is None or bare.type == "call":
                continue
            text, arguments = code.text(bare), {}
        else:
            text = code.text(node.child_by_field_name("function"))
            given = code.keywords(node.child_by_field_name("arguments"), "=")
            if given is None:
                continue
            arguments = given
        first, dot, rest = text.partition(".")
        called = _ALIASES.get(names.get(first, "") + dot + rest, names.get(first, "") + dot + rest)
        if called in LIBRARIES:
            yield node, called, arguments


def _tenacity(given: Arguments) -> Found:
    if "0" in given:
        return  # a function, or what is given by position
    if "stop" not in given or given["stop"].endswith("stop_never"):
        yield UNCAPPED, f"{_NO_LIMIT}: there is no stop"
    wait = given.get("wait", "wait_none()")
    if "wait_none" in wait:
        yield BACKOFF, _AT_ONCE
    elif _KNOWN_WAIT.search(wait) and not _RANDOM.search(wait):
        yield BACKOFF, _SAME


def _urllib3(given: Arguments) -> Found:
    counts = {key: given[key] for key in _COUNTS if key in given}
    if "0" in given:
        counts["total"] = given["0"]
    if counts.get("total") == "None" and all(value == "None" for value in counts.values()):
        yield UNCAPPED, f"{_NO_LIMIT}: total is None, and no other count is given"
    if _ZERO.fullmatch(counts.get("total", "10")) and counts["total"] != "None":
        return
    if len(given) > len(counts) + 3 and "0" in given and "1" in given:
        return  # by position
    if _ZERO.fullmatch(given.get("backoff_factor", "0")):
        yield BACKOFF, f"{_AT_ONCE}: backoff_factor is 0"
    elif _ZERO.fullmatch(given.get("backoff_jitter", "0")):
        yield BACKOFF, _SAME
    if given.get("respect_retry_after_header") == "False" and _TOLD.search(given.get("status_forcelist", "")):
        yield IGNORED, "does not wait as long as Retry-After says"


def _adapter(given: Arguments) -> Found:
    count = given.get("max_retries", given.get("2", ""))
    if count.isdigit() and int(count) > 0:
        yield BACKOFF, f"{_AT_ONCE}: a number as max_retries has no backoff"


def _stamina(given: Arguments) -> Found:
    if given.get("attempts") == "None" and given.get("timeout") == "None":
        yield UNCAPPED, _NO_LIMIT
    if _ZERO.fullmatch(given.get("wait_jitter", "1")):
        yield BACKOFF, _SAME


def _backoff(given: Arguments) -> Found:
    limits = [given.get(key, "None") for key in ("max_tries", "max_time")]
    if all(one == "None" for one in limits):
        yield UNCAPPED, f"{_NO_LIMIT}: there is no max_tries, nor max_time"
    if given.get("jitter") == "None":
        yield BACKOFF, _SAME


def _retrying(given: Arguments) -> Found:
    if "0" in given:
        return
    if not any(key in given for key in ("stop", "stop_func", "stop_max_attempt_number", "stop_max_delay")):
        yield UNCAPPED, _NO_LIMIT
    if not any(key.startswith("wait") for key in given):
        yield BACKOFF, _AT_ONCE
    elif not any("random" in key or "jitter" in key or "func" in key for key in given):
        yield BACKOFF, _SAME


def _retry(given: Arguments) -> Found:
    if given.get("tries", given.get("1", "-1")) == "-1":
        yield UNCAPPED, f"{_NO_LIMIT}: there is no tries"
    if _ZERO.fullmatch(given.get("delay", given.get("2", "0"))):
        yield BACKOFF, _AT_ONCE
    elif _ZERO.fullmatch(given.get("jitter", given.get("5", "0"))):
        yield BACKOFF, _SAME


LIBRARIES: Mapping[str, Callable[[Arguments], Found]] = {
    "tenacity.retry": _tenacity,
    "tenacity.Retrying": _tenacity,
    "tenacity.AsyncRetrying": _tenacity,
    "urllib3.Retry": _urllib3,
    "requests.HTTPAdapter": _adapter,
    "stamina.retry": _stamina,
    "stamina.retry_context": _stamina,
    "backoff.on_exception": _backoff,
    "backoff.on_predicate": _backoff,
    "retrying.retry": _retrying,
    "retry.retry": _retry,
}
_ALIASES = {
    **dict.fromkeys(
        (
            *("urllib3.util.Retry", "urllib3.util.retry.Retry", "requests.adapters.Retry"),
            *("requests.packages.urllib3.util.retry.Retry", "requests.packages.urllib3.Retry"),
        ),
        "urllib3.Retry",
    ),
    "requests.adapters.HTTPAdapter": "requests.HTTPAdapter",
    "retry.api.retry": "retry.retry",
}
