"""What somebody must do next: made with the change that asks for it, done with a reason."""
