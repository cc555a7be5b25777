"""visitgen/1: weeks of invented agencies as wall-time rules and zones, the same bytes on every machine."""
