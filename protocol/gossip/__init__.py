"""Gossip between nodes: messages, the session that two nodes hold, and what each lacks.

Source: spec/06-gossip.
"""
