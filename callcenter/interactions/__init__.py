"""Every contact with a customer, and who took part."""
