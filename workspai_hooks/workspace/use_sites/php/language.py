"""PHP: what the table in languages.py loads when a file has to be read."""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.infer import Dialect
from workspai_hooks.workspace.use_sites.php import lowering
from workspai_hooks.workspace.use_sites.php.library import PhpLibrary
from workspai_hooks.workspace.use_sites.php.naming import PhpNaming
from workspai_hooks.workspace.use_sites.worker import Worker

WORKER = Worker(
    lowering.lower,
    lambda schema, layout, sources: Dialect(
        PhpNaming(schema, layout, sources), PhpLibrary(), static=False, this=True, pairs=True, symbols=True
    ),
    relays=lambda path, data: b"json_decode" in data,
)
