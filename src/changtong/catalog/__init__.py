"""Where and what: regions as a tree, services offered, mapped onto the standard's vocabulary."""
