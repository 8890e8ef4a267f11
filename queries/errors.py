"""What can go wrong below the dashboard.

BatchError
├── InputError      the caller's file, mapping, option or name; exit code 2
└── StoreError      the store or the machine; exit code 5
"""


class BatchError(Exception):
    """Base of every error that is told to the user in one line.

    The message says what was wrong, where (file, record, column, batch), what was found, what is
    allowed, and what to do. `attached` is text to copy that goes with it, such as a file to
    start from.
    """

    def __init__(self, message: str, *, attached: str = "") -> None:
        super().__init__(message)
        self.attached = attached


class InputError(BatchError):
    """A file, mapping, option or name that the user gave cannot be used as it is."""


class StoreError(BatchError):
    """The store cannot be read or written."""
