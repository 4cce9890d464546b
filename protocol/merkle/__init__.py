"""Merkle logs: hashing, proofs, leaves and signed heads (RFC 6962, RFC 9162, C2SP)."""
