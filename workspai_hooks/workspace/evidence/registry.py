"""Names that code hands to a service registry or a declarative client: Feign, Ribbon, Micronaut, Dapr."""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.evidence.sightings import Clue, Role, Sightings
from workspai_hooks.workspace.evidence.text import in_comment, line_of

KIND = "registry-name"
MARKS = (
    *(b"Client", b"getInstances", b"choose", b"getNextServer", b"getService", b"getApplication", b"Invoke"),
    *(b"/invoke/", b"loadBalance", b"invokeMethod", b"appId", b"ServiceRegist", b"service.register"),
)
_NAME = rb"(\"[\w.${}:-]{1,120}\"|[A-Z][\w.]{1,100})"
_ASKED = regex(
    rb"\b(?:getInstances|choose|getNextServerFromEureka|getApplication|getServiceInstance|getInstancesById"
    rb"|get(?:Service|Instance|Endpoint)(?:Instance)?(?:Url|Uri|URL|URI|Address|Endpoint))\(\s*"
    + _NAME
    + rb"\s*[,)]"
    # Dapr's own clients, by the id of the application.
    rb"|\b(?:InvokeMethod\w*(?:<[^()]{0,80}>)?\(\s*(?:HttpMethod\.\w+,\s*)?|CreateInvokeHttpClient\(\s*(?:appId:\s*)?"
    rb"|invokeMethod\(\s*|invoke_method\(\s*(?:app_id\s*=\s*)?)" + _NAME
)
_ENTERS = regex(rb"\bAgent(?:\(\))?\.ServiceRegister\(|\bagent\.service\.register\(|\bagentServiceRegister\(")
"""The calls of Consul's clients with which a program enters itself."""
_DAPR = regex(rb"/v1\.0/invoke/([\w.-]+)/method/")
_ANNOTATED = regex(rb"@(FeignClient|RibbonClient|LoadBalancerClient|Client)\s*\(([^()]{1,800})")
_MEMBER = regex(rb"(?:^|,)\s*(?:(name|value|serviceId|url|id)\s*=\s*)?([^,]{1,300}?)\s*(?=,|$)")
_TEXT = regex(rb"\"([^\"\\\s]{0,200})\"|([A-Z][\w.]{1,100})")
_OWN_HOST = regex(r"^(?:\w+://)?(?:localhost|127\.0\.0\.1)\b|\$\{|^$")


def wanted(path: str) -> bool:
    return path.endswith(
        (".java", ".kt", ".groovy", ".scala", ".cs", ".py", ".js", ".ts", ".go", ".php", ".rb")
    )


def read(data: bytes) -> Sightings:
    """Each name as an address, `lb://name`."""
    found = [*_asked(data), *_annotated(data)]
    if enters := _ENTERS.search(data):
        line = line_of(data, enters.start())
        found.append((enters.start(), Clue(line, "registers", "consul", Role.REGISTERS)))
    return Sightings(tuple(clue for at, clue in found if not in_comment(data, at)))


def _asked(data: bytes) -> Iterator[tuple[int, Clue]]:
    for match in _ASKED.finditer(data):
        at = match.start(match.lastindex or 0)
        yield at, Clue(line_of(data, at), KIND, f"lb://{_value(match[match.lastindex or 0])}")
    for match in _DAPR.finditer(data):
        yield match.start(), Clue(line_of(data, match.start()), KIND, f"lb://{match[1].decode()}")


def _annotated(data: bytes) -> Iterator[tuple[int, Clue]]:
    for match in _ANNOTATED.finditer(data):
        if match[1] == b"Client" and b"io.micronaut" not in data:
            continue
        members = {
            (one[1] or b"value").decode(): _value(one[2])
            for one in _MEMBER.finditer(match[2])
            if _value(one[2])
        }
        name = (
            members.get("name") or members.get("value") or members.get("serviceId") or members.get("id", "")
        )
        url = members.get("url", "")
        line = line_of(data, match.start())
        if url:
            yield match.start(), Clue(line, KIND, url if "://" in url or "{" in url else f"http://{url}")
        # A client with a foreign URL only takes its name as a label.
        if name and not name.startswith("/") and _OWN_HOST.search(url):
            yield match.start(), Clue(line, KIND, name if "://" in name else f"lb://{name}")


def _value(written: bytes) -> str:
    """Literals and constants joined by `+`, constants as `#{NAME}`; empty where there is anything else."""
    text = ""
    for part in written.strip().split(b"+"):
        match = _TEXT.fullmatch(part.strip())
        if not match:
            return ""
        text += match[1].decode("utf-8", "replace") if match[1] is not None else f"#{{{match[2].decode()}}}"
    return text
