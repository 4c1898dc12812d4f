"""What a change breaks in charts, raw manifests and kustomizations: `compare` in comparison.py.

One file a class of break; the table of them is checks.py. docs/helm.md lists what each finds.
"""
