"""The right card on exactly the right screen, for exactly as long as the phone is busy with it."""
