"""Every state of git × every hook manager: what is asked, what lands, and that nothing else is touched.

`table.py` lists the states, a file a group; `proof.py` proves one cell; `page.py` writes docs/states.md from
what the run observed; `managers.py` installs what docs/hooks.md tells a user to install.
"""
