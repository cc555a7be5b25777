"""HTML pages, one module per area.  Rules live below; pages read forms, call one thing, and render."""
