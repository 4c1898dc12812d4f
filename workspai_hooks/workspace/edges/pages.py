"""Variables that a server or a build hands to a page: a browser reaches `localhost:9000` where a container
publishes that port, which no program in a container of its own does."""

from __future__ import annotations

import re

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.evidence.context import only_names
from workspai_hooks.workspace.manifests.facts import Variable
from workspai_hooks.workspace.reading import Read, SourceTree

PREFIX = regex(
    r"(?:REACT_APP|VITE|NEXT_PUBLIC|VUE_APP|NUXT_PUBLIC|NUXT_ENV|NG_APP|GATSBY|EXPO_PUBLIC|PUBLIC|STORYBOOK"
    r"|SNOWPACK_PUBLIC)_"
)
"""What bundlers ask of the variables that they put into a page."""
_BACK = regex(
    r"cors|origin|redirect|callback|issuer|front_?end|logout|(?:client|ui|site|web|webapp|spa)_?(?:app_?)?ur[il]|audience"
)
_HTML = (
    *(".html", ".htm", ".cshtml", ".razor", ".ejs", ".erb", ".hbs", ".pug", ".jinja", ".jinja2", ".j2"),
    *(".tmpl", ".gohtml", ".ftl", ".jsp", ".twig", ".mustache"),
)
_PAGES = (*(".jsx", ".tsx", ".vue", ".svelte"),)
_SCRIPT = regex(rb"<script\b|\bscript\(src=")
_FRAMEWORKS = regex(
    rb"\"(?:react|react-dom|vue|@angular/core|svelte|preact|solid-js|gatsby|jquery|alpinejs|lit|ember-source"
    rb"|@sveltejs/kit|@vue/cli-service|react-scripts"
    rb"|uikit|bootstrap|bulma|foundation-sites|browserslist)\"\s*:"
)
"""What only pages take in; `browserslist` says which browsers they are built for."""
_SERVER = regex(rb"\"(?:express|koa|fastify|@nestjs/core|@hapi/hapi|restify|next|nuxt)\"\s*:")
_BLAZOR = regex(rb"UseBlazorFrameworkFiles|WebAssemblyHostBuilder|blazor\.webassembly\.js")
_SIGNS_IN = regex(
    rb"AddIdentityServer\b|AddOpenIddict\b|AllowedGrantTypes|@EnableAuthorizationServer|RegisteredClient\.with|oidc-provider"
)
_NO_HOST = regex(r"(?<=://)(?=:\d)")


def handed(variable: Variable) -> str:
    """A variable's value; a host that the surrounding environment tells is the machine's own name."""
    return _NO_HOST.sub("localhost", variable.value or "")


def is_for_pages(name: str, tree: SourceTree) -> bool:
    """Whether a variable with an address of this machine is one that a page asks: by its bundler's prefix,
    or the service has pages. Whoever signs applications in knows their addresses to come back to."""
    spelled = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    if _BACK.search(spelled):
        return False
    return PREFIX.match(name) is not None or _has_pages(tree)


def _has_pages(tree: SourceTree) -> bool:
    files = tree.files.items()
    if any(path.endswith(".cs") and _SIGNS_IN.search(data) for path, data in files):
        return False
    return any(
        path.endswith(_PAGES)
        or (path.endswith(_HTML) and _SCRIPT.search(data))
        or (path.endswith("package.json") and _FRAMEWORKS.search(data))
        or (path.endswith(".cs") and _BLAZOR.search(data))
        for path, data in files
    )


def is_page(tree: SourceTree) -> bool:
    """Whether a service is a package of pages: what it says runs in a browser, but for its server's files."""
    return any(
        path.endswith("package.json") and _FRAMEWORKS.search(data) for path, data in tree.files.items()
    )


def is_page_alone(tree: SourceTree) -> bool:
    """Whether a service is a page without a server of its own: it is linked to, and not called."""
    texts = [data for path, data in tree.files.items() if path.endswith("package.json")]
    return any(_FRAMEWORKS.search(data) for data in texts) and not any(_SERVER.search(data) for data in texts)


def leads_back(read: Read | None, tree: SourceTree) -> bool:
    """Whether nothing reads an address of this machine, or only to name it: as an origin, to come back to."""
    if read is None:
        return tree.is_here
    data = tree.files.get(read.location.path, b"")
    start = sum(len(line) + 1 for line in data.split(b"\n")[: read.location.line - 1])
    end = data.find(b"\n", start)
    return only_names(data, end if end >= 0 else len(data))
