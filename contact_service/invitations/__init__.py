"""One person's door into one visit: a link by message, bound to one device, open around the visit and not before."""
