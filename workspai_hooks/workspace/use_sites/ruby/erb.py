"""ERB templates -> the neutral syntax tree: their code is Ruby, with everything around it blanked.

A template is a Function without a name (what lowers a file does not know it), with one parameter: a record of
what it is given. Names that it does not bind itself are entries of it, instance variables too.
"""

from __future__ import annotations

import re

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.use_sites.nodes import Nodes, named, utf8
from workspai_hooks.workspace.use_sites.ruby.expressions import LANGUAGE
from workspai_hooks.workspace.use_sites.ruby.lowering import Lowering
from workspai_hooks.workspace.use_sites.ruby.scopes import CONTEXT
from workspai_hooks.workspace.use_sites.syntax import Function, Parameter, Source

TAG = regex(r"<%(%|#|==|=|-)?((?:[^%]|%(?!>))*?)-?%>", re.S)
NOT_BLANK = regex(r"[^\n]")


def lower(data: bytes) -> Source:
    """The neutral tree of a template; never raises."""
    text = utf8(data).decode("utf-8", "replace")
    lowering = Lowering(Nodes(code_in(text).encode(), LANGUAGE), in_template=True)
    body = lowering.statements(named(lowering.nodes.root))
    whole = Function("", None, (Parameter(CONTEXT, None, (1, 1)),), (), body, (1, 1))
    return Source("erb", "", lowering.imported(), (whole, *lowering.lifted))


def code_in(text: str) -> str:
    """The code of a template, each part where it stands."""
    found = []
    end = 0
    for tag in TAG.finditer(text):
        found.append(_blank(text[end : tag.start()]))
        if tag[1] in ("%", "#"):
            found.append(_blank(tag[0]))
        else:
            before = tag.start(2) - tag.start()
            after = tag.end() - tag.end(2)
            found.append(f"{' ' * before}{tag[2]}{';':>{after}}")
        end = tag.end()
    found.append(_blank(text[end:]))
    return "".join(found)


def _blank(text: str) -> str:
    return NOT_BLANK.sub(" ", text)
