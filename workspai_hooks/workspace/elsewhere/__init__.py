"""Other repositories, by the facts that they exported: who there uses what of our contracts, and where."""
