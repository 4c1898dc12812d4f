"""Which lines of source and templates use which contract element.

A language module lowers its syntax (tree-sitter, or jinja2's own parser) into the small neutral tree of
`syntax.py`; `infer.py` follows contract types through that tree and reports the uses; a `naming` table per
language says what generators make of a contract's names. `languages.py` joins them in one table.
"""
