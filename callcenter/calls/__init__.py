"""What a call is and what may be done to it."""
