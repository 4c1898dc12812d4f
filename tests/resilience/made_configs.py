"""Service configs by chance: most of it valid, with one to a few places that are not, from a seed."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator

from workspai_hooks.resilience.model import GRPC_CODES

DURATIONS = (
    *("1s", "1.5s", "0.1s", "60s", "0.25s", "10s", "3600s", "1.000000001s", "0.001s", "+1s", "315576000000s"),
    *("0s", "0.0s", "0.0001s", "0.0009999s", "0.000000001s", "-1s", "-0.5s", "-0s", "--1s", "-+1s", "+-1s"),
    *(".5s", "5.s", ".s", "s", "-s", "-.5s", "1.2.3s", "1..s", "1.-5s", "1.+5s", "0.-5s", "1.0000000001s"),
    *(
        "10ms",
        "1m",
        "1h",
        "1 s",
        " 1s",
        "1s ",
        "1.5 s",
        "1. 5s",
        "1S",
        "PT1S",
        "1000",
        "1",
        "",
        "1sec",
        "1_0s",
    ),
    *("315576000001s", "9223372037s", "99999999999999999999s", "1e3s", "1,5s", "NaNs", "infs", "0x1s", "١s"),
)
TEXTS = ("", "UNAVAILABLE", "x", "4", "1.5", "true", "null", "\x00", "é", "1e400", "inf", "nan", "0x10")
WHOLE = ("0", "1", "2", "3", "4", "5", "6", "10", "100", "-1", "-2", "2147483647", "2147483648", "4294967295")
WHOLE += ("4294967296", "9223372036854775807", "9223372036854775808", "1e1", "2.0", "2.5", "3.0e0", "-0")
REAL = ("1", "1.3", "2.0", "0.5", "1e1", "1e-1", "0", "0.0", "-1", "-0.5", "1e-50", "1e-300", "1e39", "1e308")
REAL += ("1e309", "1e400", "-1e400", "0.0001", "1000", "1000.5", "1001", "0.1", "0.001", "0.0009", "5e-1")
REAL += ("4294967", "4294968.5", "4294967295", "1.", "2147483.648", "2147483")
STRINGS = (
    "4",
    " 4 ",
    "+4",
    "-4",
    "4.0",
    "0x4",
    "",
    "four",
    "2",
    "1.5",
    ".5",
    "5.",
    "inf",
    "nan",
    "1e1",
    "+1.5",
)
STRINGS += ("+-1", "--1", "++1", "1e", "1e+", "infinity", "-inf", "nan(1)", "\t2\n", "2 3", "1.+5", "0. 5")
STRINGS += (
    "0X1p3",
    "0x.8",
    "0x",
    "-0x4",
    "0x0",
    "0x1p-200",
    "0x1p",
    "0x1.8p1",
    "-+4",
    "1e-50",
    "1e99",
    "nan(-)",
)
CODES = (
    "UNAVAILABLE",
    "ABORTED",
    "OK",
    "unavailable",
    "Unavailable",
    "UNAVAILABLE ",
    "CANCELLED",
    "CANCELED",
)
CODES += (*GRPC_CODES, "14", "0", "", "NONE", "DEADLINE_EXCEEDED")
BALANCERS = ("pick_first", "round_robin", "roundrobin", "ROUND_ROBIN", "Pick_First", "own_balancer", "", "rr")


class Raw(str):
    """JSON as it is."""


def written(value: object, pick: random.Random) -> str:
    """JSON, here and there with space in it. A tuple of pairs is an object (keys may stand twice)."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, tuple):
        space = pick.choice(("", " ", "\n  "))
        return "{" + ",".join(f"{space}{json.dumps(k)}:{written(v, pick)}" for k, v in value) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(written(one, pick) for one in value) + "]"
    return json.dumps(value, ensure_ascii=pick.random() < 0.5)


def made(seed: int, count: int) -> Iterator[bytes]:
    pick = random.Random(seed)
    for _ in range(count):
        maker = _Maker(pick, pick.choice((0.0, 0.02, 0.06, 0.2)))
        text = written(maker.config(), pick)
        yield _spoiled(text, pick) if pick.random() < 0.04 else text.encode()


def _spoiled(text: str, pick: random.Random) -> bytes:
    """No JSON any more, or at the edge of it."""
    cut = pick.randrange(len(text) + 1)
    return pick.choice(
        (
            b"\xef\xbb\xbf" + text.encode(),
            text.replace(",", ",,", 1).encode(),
            text.replace("}", ",}", 1).encode(),
            text.replace("]", ",]", 1).encode(),
            text.replace('"', "'").encode(),
            text[:cut].encode(),
            b"// why\n" + text.encode(),
            text.replace("{", "{ /* why */", 1).encode(),
            text.encode() + b"{}",
            b"",
            b" \n",
            text.replace('"', '"\\ud800', 1).encode(),
            text.replace('"', '"\udcff', 1).encode("utf-8", "surrogateescape"),
            ('{"x": ' + "[" * 300 + "]" * 300 + "}").encode(),
            text.replace("{", '{"deep": ' + "[" * 253 + "]" * 253 + ",", 1).encode(),
            b'{"a": NaN}',
            b'{"a": 01}',
            b'{"a": "\t"}',
        )
    )


class _Maker:
    def __init__(self, pick: random.Random, odd: float) -> None:
        self._pick, self._odd = pick, odd

    def _or(self, usual: Callable[[], object], *others: object) -> object:
        """The usual thing, or one of the others, or a thing of another kind."""
        if self._pick.random() >= self._odd:
            return usual()
        kinds: list[object] = [None, True, False, [], (), "", Raw("0"), Raw("1"), Raw("-1.5"), [None], [()]]
        kinds += [self._pick.choice(TEXTS), [[]], (("x", None),)]
        return self._pick.choice(list(others) * 2 + kinds) if others else self._pick.choice(kinds)

    def _of(self, usual: str, *odd: str) -> object:
        return self._or(lambda: Raw(usual), *(Raw(one) for one in odd), *STRINGS)

    def _duration(self) -> object:
        return self._or(lambda: self._pick.choice(DURATIONS[:9]), *DURATIONS)

    def _object(self, *members: tuple[str, Callable[[], object], float]) -> object:
        """Each member with its probability; now and then a key in another case, unknown, or twice."""
        pairs: list[tuple[str, object]] = []
        for key, make, share in members:
            if self._pick.random() < share * (1 - self._odd):
                pairs.append((self._key(key), make()))
                if self._pick.random() < self._odd / 8:
                    pairs.append((self._pick.choice((key, self._key(key))), make()))
        if self._pick.random() < self._odd:
            pairs.append((self._pick.choice(("timeoutMs", "retry_policy", "x", "", "hedgingPolicy")), []))
        self._pick.shuffle(pairs)
        return tuple(pairs)

    def _key(self, key: str) -> str:
        if self._pick.random() >= self._odd / 3:
            return key
        snake = "".join(f"_{one.lower()}" if one.isupper() else one for one in key)
        kelvin = key.replace("k", "\u212a").replace("s", "\u017f")
        return self._pick.choice(
            (key.upper(), key.lower(), key[0].upper() + key[1:], snake, kelvin, f"{key} ")
        )

    def config(self) -> object:
        return self._or(
            lambda: self._object(
                ("methodConfig", lambda: self._list(self._method, 3), 0.9),
                ("retryThrottling", lambda: self._or(self._throttle), 0.25),
                ("loadBalancingPolicy", lambda: self._or(self._policy, *BALANCERS), 0.15),
                ("loadBalancingConfig", lambda: self._list(self._balancer, 2), 0.15),
                ("healthCheckConfig", lambda: self._or(self._health), 0.15),
            )
        )

    def _list(self, make: Callable[[], object], longest: int) -> object:
        return self._or(lambda: [make() for _ in range(self._pick.randint(1, longest))])

    def _method(self) -> object:
        return self._or(
            lambda: self._object(
                ("name", lambda: self._list(self._name, 3), 0.95),
                ("timeout", self._duration, 0.6),
                ("retryPolicy", lambda: self._or(self._retry), 0.6),
                ("hedgingPolicy", lambda: self._or(self._hedging), 0.1),
                ("waitForReady", lambda: self._or(lambda: self._pick.random() < 0.5, "true"), 0.2),
                ("maxRequestMessageBytes", lambda: self._of("4194304", *WHOLE), 0.1),
                ("maxResponseMessageBytes", lambda: self._of("4194304", *WHOLE), 0.1),
            )
        )

    def _name(self) -> object:
        service = self._pick.choice(
            ("a.B", f"pkg.S{self._pick.randrange(40)}", f"S{self._pick.randrange(40)}")
        )
        method = f"M{self._pick.randrange(40)}"
        return self._or(
            lambda: self._object(
                ("service", lambda: self._or(lambda: service, "", "a", "a/b"), 0.97),
                ("method", lambda: self._or(lambda: method, "", "b/c", "c"), 0.7),
            )
        )

    def _retry(self) -> object:
        return self._object(
            ("maxAttempts", lambda: self._of(self._pick.choice(("2", "3", "5", "6", "100")), *WHOLE), 1),
            ("initialBackoff", self._duration, 1),
            ("maxBackoff", self._duration, 1),
            ("backoffMultiplier", lambda: self._of(self._pick.choice(("1", "1.3", "2.0", "1e1")), *REAL), 1),
            ("retryableStatusCodes", lambda: self._list(self._code, 3), 1),
            ("perAttemptRecvTimeout", self._duration, 0.05),
        )

    def _hedging(self) -> object:
        return self._object(("maxAttempts", lambda: self._of("3"), 1), ("hedgingDelay", self._duration, 1))

    def _code(self) -> object:
        numbers = tuple(Raw(one) for one in ("0", "1", "14", "16", "17", "-1", "14.0", "1e1"))
        return self._or(lambda: self._pick.choice(GRPC_CODES), *CODES, *numbers)

    def _throttle(self) -> object:
        return self._object(
            ("maxTokens", lambda: self._of(self._pick.choice(("10", "100", "1000")), *WHOLE, *REAL[:-6]), 1),
            ("tokenRatio", lambda: self._of(self._pick.choice(("0.1", "1", "0.5")), *_json(REAL)), 1),
        )

    def _policy(self) -> object:
        return self._pick.choice(("round_robin", "pick_first", ""))

    def _balancer(self) -> object:
        name = self._pick.choice(("round_robin", "pick_first"))
        shuffle = self._object(("shuffleAddressList", lambda: self._or(lambda: True, "true"), 0.5))
        one = ((name, self._or(lambda: shuffle)),)
        odd = self._pick.choice(BALANCERS)
        return self._or(lambda: one, ((odd, ()),), ((odd, ()), ("round_robin", ())), ((odd, None),))

    def _health(self) -> object:
        return self._object(("serviceName", lambda: self._or(lambda: "a.B"), 0.8))


def _json(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one for one in texts if one[-1] != ".")
