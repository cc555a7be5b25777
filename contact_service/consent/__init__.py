"""Who agreed to what, when, in which words, and when they took it back; the child's own wish apart."""
