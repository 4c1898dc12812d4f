"""Which files are contracts, by name; a change that touches none of them asks nothing."""

CONTRACT_SUFFIXES = (".proto",)
