"""Children, parents, siblings, carers: who is what to whom, and the restrictions between them."""
