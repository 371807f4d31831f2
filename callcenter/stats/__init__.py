"""Figures: one definition each, live and in history."""
