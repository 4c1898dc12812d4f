"""Random git histories, our answer on them, and an oracle of bare tools that shares no code with it.

one.py runs a seed: base repositories (bases.py) are edited (edits_*.py), the edits become a history
(story.py) and a last state (states.py), our program is asked there (ours.py), the oracle (oracle_*.py,
truth.py) is asked about the two exported trees, and judge.py holds one against the other. `python
benchmarks/histories.py` runs many.
"""
