"""Requests over HTTP: which operations of a described service its consumers call, and what they read and set.

uses.py is what others ask; values.py says in which terms.
"""
