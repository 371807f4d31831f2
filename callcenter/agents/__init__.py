"""People who work here: users, sign-in, roles, phones, states."""
