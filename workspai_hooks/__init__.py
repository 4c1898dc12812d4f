"""Git hooks that tell, before a commit, which services a contract change breaks, and where."""

__version__ = "0.1.0"
