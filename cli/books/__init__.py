"""The treasurer's books on this side: read from a node, written as tables, journals, pages and plots."""
