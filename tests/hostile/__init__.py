"""Hostile input: every reader of ours gets what nobody vouches for, in a table that grows by a row a reader.

`table.py` joins the rows; `bombs.py`, `mutations.py` and `strategies.py` make the inputs; `running.py` gives
them to a reader within bounds, `command_line.py` to the program. `benchmarks/hostile.py` runs more of both.
"""
