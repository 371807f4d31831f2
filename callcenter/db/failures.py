"""How the database fails, in words that do not depend on the engine."""


class CannotOpen(Exception):
    """The database cannot be opened; the text says which, why, and what to do."""


class Unavailable(Exception):
    """The database is away for now (busy, full, disconnected): the same write may succeed later."""


class Refused(Exception):
    """A row broke a rule of its table: the same write will never succeed."""
