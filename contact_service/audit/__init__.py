"""What happened, by whom, provably in order.  The bytes are in FORMAT.md."""
