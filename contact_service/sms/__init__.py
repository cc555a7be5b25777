"""Text messages: one interface, and the providers that carry them."""
