"""Why a file cannot be read, or a batch not be brought on."""

from callcenter.errors import Problem


def _(message: str) -> str:
    return message


class NotATable(Problem):
    """The file holds no rows that can be read; `sentence` is a message id, `values` fill it."""

    code = "not-a-table"
    status = 422

    def __init__(self, sentence: str, **values: object) -> None:
        # Each reason has a sentence of its own.
        self.sentence = sentence  # type: ignore[misc]
        super().__init__(**values)


class FileTooLarge(Problem):
    code = "file-too-large"
    status = 413
    sentence = _("The file is larger than {most} MiB. Divide it, or save it as CSV.")


class NotNow(Problem):
    """The batch is at another step than what was asked needs."""

    code = "not-now"
    status = 409
    sentence = _("This import is at another step now. Load the page again and see where it is.")


class NoKeys(Problem):
    code = "no-keys"
    status = 422
    sentence = _(
        "Choose at least one column by which records that are there already are found, "
        "or have every row added."
    )
