"""What goes over the wire, one module per resource; every body has an example that is valid."""
