"""One meeting, from draft to signed off."""
