"""What is known of series: read, judged, never decided."""
