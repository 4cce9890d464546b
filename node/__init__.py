"""The Mutirão node: storage, HTTP, links and pages around the pure core."""
