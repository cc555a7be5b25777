"""The key hierarchy: provider of the key-encryption key, agency root, case keys and person keys."""
