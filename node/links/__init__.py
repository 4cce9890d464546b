"""Gossip links: WebSocket connections that carry sessions of `protocol.gossip` and do what these ask for.

Source: docs/spec/06-gossip.md.
"""
