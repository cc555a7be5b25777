"""What establishments say to contact: asked of them, granted until a day, or refused."""
