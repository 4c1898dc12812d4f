"""One file per format; each turns a Report into text and decides nothing."""
