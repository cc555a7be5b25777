"""What is read afterwards: the contact history of a case, and copies of it."""
