"""Pure market rules over records: order states, seals, prices, ranking and search words, the same on every node."""
