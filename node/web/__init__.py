"""Pages: what members and visitors of a network read, rendered on the server.

Everything works without JavaScript; the few scripts only add comfort. No page asks a third party for anything.
Layer: beside `node.api` and `node.links`, above `node.services`, whose views it shows and never changes.
"""
