"""What relay, API and browser say to each other; pure values, strict parsing.  PROTOCOL.md is the manual."""
