"""The pure core of Mutirão: values in, values out; no clock, randomness, sockets or files."""
