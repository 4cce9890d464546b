"""The `mutirao` command."""
