"""The week of a whole agency: wanted visits in, a plan that keeps every hard rule out."""
