"""The offline audit: recompute every stored column from the signed bytes and name what differs."""
