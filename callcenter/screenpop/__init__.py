"""The right card on exactly the right screen."""
