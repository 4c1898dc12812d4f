"""Beans of shared JVM modules that nobody names: Spring finds them in the packages that are scanned."""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.evidence.sightings import Role
from workspai_hooks.workspace.evidence.text import in_comment
from workspai_hooks.workspace.files import is_test
from workspai_hooks.workspace.reading import SourceTree

_JVM = (".java", ".kt")
_PACKAGE = regex(rb"(?m)^[ \t]{0,8}package[ \t]{1,8}([\w.]{1,200})")
_SCANS = regex(rb"@(?:SpringBootApplication|ComponentScan)\b(?:\s{0,8}\(([^()]{0,800})\))?")
_LISTED = regex(
    rb"(?:scanBasePackages|basePackages|value)\s{0,4}=\s{0,4}([^=]{0,600})|^\s{0,8}([\"{\[][^=]{0,600})"
)
_TEXT = regex(rb"\"([\w.]{1,200})\"")
_BEAN = regex(
    rb"(?m)^@(?:Component|Service|Controller|RestController|Configuration|Aggregate|Saga)\b"
    rb"[^{};]{0,400}?\bclass\s"
)
_ENTRY = regex(
    rb"@(?:CommandHandler|EventHandler|SagaEventHandler|EventListener|TransactionalEventListener|Scheduled|KafkaListener|"
    rb"RabbitListener|JmsListener|StreamListener|SqsListener|(?:Get|Post|Put|Patch|Delete|Request)Mapping)\b"
)
"""The framework itself calls what is marked so."""


def packages(tree: SourceTree) -> list[str]:
    """The packages that a service's application scans: its own, unless it lists others."""
    return tree.once("scanned packages", list[str], lambda: sorted(set(_packages(tree))))


def _packages(tree: SourceTree) -> Iterator[str]:
    for path, data in tree.files.items():
        if not path.endswith(_JVM) or is_test(path):
            continue
        for match in _SCANS.finditer(data):
            if in_comment(data, match.start()):
                continue
            listed = _LISTED.search(match[1] or b"")
            texts = _TEXT.findall(listed[1] or listed[2]) if listed else []
            own = _PACKAGE.search(data)
            if not texts and own and b"Classes" not in (match[1] or b""):
                texts = [own[1]]
            yield from (text.decode() for text in texts)


def is_scanned(data: bytes, role: Role, scanned: list[str]) -> bool:
    """Whether a file of a shared module is a bean in one of these packages; of one that writes the
    framework has to call something."""
    own = _PACKAGE.search(data) if scanned else None
    if own is None or not _BEAN.search(data):
        return False
    package = own[1].decode()
    if not any(package == one or package.startswith(f"{one}.") for one in scanned):
        return False
    return role is Role.SUBSCRIBES or _ENTRY.search(data) is not None
