"""A module here is one work whose time is stated: `rows(bench)` yields its rows. See measure.py."""
