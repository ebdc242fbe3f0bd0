"""Django plumbing: clock, storage, operation keys, processes, the embedded database."""
