"""The demonstration: real nodes of this program, started, joined and tried on one machine."""
