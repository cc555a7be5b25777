"""The doors for machines: the relay's link, the pipe for signalling, health."""
