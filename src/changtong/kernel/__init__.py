"""Pure shared values: errors, time, identifiers, geography."""
