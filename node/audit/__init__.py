"""The offline audit of a data folder."""

from node.audit.folder import Report, audit_folder

__all__ = ["Report", "audit_folder"]
