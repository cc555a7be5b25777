"""What may flow to whom, and how a packet is rewritten.  No socket, no clock: `now` in, intents out."""
