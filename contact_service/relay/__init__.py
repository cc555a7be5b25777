"""The media process: forwards encrypted packets it never decodes.  No names, no database (PROTOCOL.md, section 4)."""
