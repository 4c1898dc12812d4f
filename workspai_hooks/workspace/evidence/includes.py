"""Parts of a page that a proxy takes from elsewhere while it delivers the page: server-side includes (SSI of
Apache and nginx), edge-side includes (Varnish, CDNs), the fragments of layout services."""

from __future__ import annotations

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.evidence.sightings import Clue, Role, Sightings
from workspai_hooks.workspace.evidence.text import line_of

KIND = "include"
MARKS = (b"#include virtual", b"<esi:include", b"<fragment ", b"<h-include ", b"<hx:include ")
_INCLUDED = regex(
    rb"<!--#include\s{1,4}virtual\s{0,4}=\s{0,4}[\"']([^\"'\n]{1,300})[\"']"
    rb"|<(?:esi:include|fragment|h-include|hx:include)\s[^<>]{0,200}?\bsrc\s{0,4}=\s{0,4}[\"']([^\"'\n]{1,300})[\"']"
)
_PATH = regex(r"/[\w./~-]{1,200}(?=$|[?#])")
_PLACE = regex(r"^.*(?:\]\]|\}\}|\}|%>)")
"""What stands for a route before the path, in any language of templates."""


def wanted(path: str) -> bool:
    return path.endswith(
        (
            *(".html", ".htm", ".shtml", ".jsp", ".ftl", ".ejs", ".erb", ".hbs", ".tmpl", ".gohtml", ".php"),
            *(".mustache", ".twig", ".cshtml", ".jinja", ".j2", ".pug", ".vm"),
        )
    )


def read(data: bytes) -> Sightings:
    """The paths that are included, without what a template puts before them."""
    found = []
    for match in _INCLUDED.finditer(data):
        written = _PLACE.sub("", (match[1] or match[2]).decode("latin-1"))
        if path := _PATH.match(written):
            found.append(Clue(line_of(data, match.start()), KIND, path[0], Role.INCLUDES, "http"))
    return Sightings(tuple(dict.fromkeys(found)))
