"""The only places that spawn processes and know exit codes: one module a tool."""
