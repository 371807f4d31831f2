"""Why a file cannot be read."""


class NotATable(Exception):
    """The file holds no rows that can be read; `sentence` is a message id, `values` fill it."""

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.values = values
