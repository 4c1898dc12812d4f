"""Attributes: what stands in the work tree is not what is committed."""

from __future__ import annotations

from states.proof import State
from states.site import BROKEN, CONTRACT, FIELD, Act, Site, text


def _attribute(site: Site, line: str) -> None:
    site.write({".gitattributes": f"*.proto {line}\n"}).save("attributes")


def eol(site: Site, breaks: bool) -> Act:
    """`eol=crlf`: CRLF in the work tree, LF in the index."""
    _attribute(site, "text eol=crlf")
    return site.write({CONTRACT: text(breaks).replace("\n", "\r\n")}).commit()


def autocrlf(site: Site, breaks: bool) -> Act:
    """`core.autocrlf=true`."""
    site.git("config", "core.autocrlf", "true")
    return site.write({CONTRACT: text(breaks).replace("\n", "\r\n")}).commit()


def clean_filter(site: Site, breaks: bool) -> Act:
    """A clean filter takes the field out when it is staged; another one puts it back."""
    _attribute(site, "filter=odd")
    clean = f"sed '/{FIELD}/d'" if breaks else f"sed 's/string x = 1;/&\\n  {FIELD}/'"
    site.git("config", "filter.odd.clean", clean)
    site.git("config", "filter.odd.smudge", "cat")
    content = text(False) if breaks else BROKEN
    return site.write({CONTRACT: content.replace("message", "// staged\nmessage")}).commit()


def smudge_filter(site: Site, breaks: bool) -> Act:
    """A smudge filter that shows the contract without the field, and a clean filter that puts it back."""
    _attribute(site, "filter=odd")
    site.git("config", "filter.odd.smudge", f"sed '/{FIELD}/d'")
    site.git("config", "filter.odd.clean", "cat" if breaks else f"sed 's/string x = 1;/&\\n  {FIELD}/'")
    return site.write({CONTRACT: BROKEN.replace("message", "// shown\nmessage")}).commit()


def encoding(site: Site, breaks: bool) -> Act:
    """`working-tree-encoding=UTF-16`: UTF-8 in the index."""
    _attribute(site, "text working-tree-encoding=UTF-16")
    return site.write({CONTRACT: text(breaks).encode("utf-16")}).commit()


def binary(site: Site, breaks: bool) -> Act:
    """`binary`: git shows no difference of it as text."""
    _attribute(site, "binary")
    return site.write({CONTRACT: text(breaks)}).commit()


def ident(site: Site, breaks: bool) -> Act:
    """`ident`: `$Id$` is filled in in the work tree."""
    _attribute(site, "ident")
    return site.write({CONTRACT: f"// $Id: 0123 $\n{text(breaks)}"}).commit()


STATES = (
    State("eol=crlf", eol),
    State("core.autocrlf", autocrlf),
    State("clean filter", clean_filter),
    State("smudge filter", smudge_filter),
    State("working-tree-encoding", encoding),
    State("binary attribute", binary),
    State("ident", ident),
)
