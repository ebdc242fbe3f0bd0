"""Who goes where with what: work orders, shifts, resources, and the choice of people."""
