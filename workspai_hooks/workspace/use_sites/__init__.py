"""Which lines of source and templates use which contract element.

A language's `lowering` turns its syntax (tree-sitter, or jinja2's own parser) into the small neutral tree
of `syntax.py`; `infer` follows contract types through that tree and reports the uses; a `naming` per
language says what generators make of a contract's names, a `library` what its libraries do with values.
`languages.py` joins them in one table.
"""
