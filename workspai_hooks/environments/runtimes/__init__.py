"""Which run time of a language a file names: images, what sources demand, what a developer's machine gets."""
