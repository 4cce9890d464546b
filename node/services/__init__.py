"""What the node can do, each service one subject; no HTTP here."""
