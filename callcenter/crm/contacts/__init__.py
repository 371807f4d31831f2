"""Contacts and their contact points: list, search, card."""
