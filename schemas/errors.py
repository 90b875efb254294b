"""The errors that Dateline raises on purpose.

    DatelineError            one line a person can act on; `--debug` shows the rest
    ├── ArticleError         one article cannot become a record: it ends as a dead letter, its neighbours go on
    ├── UsageError           wrong command line or configuration (exit code 2)
    ├── ModelError           a model cannot be had or does not fit (exit code 1, before any article is read)
    └── DatasetError         the dataset cannot be written or is not what it should be (exit code 1)
"""


class DatelineError(Exception):
    """A failure whose message says what came, what was expected and what to do."""


class ArticleError(DatelineError):
    """One article cannot go on. `reason` is the short snake_case word that dead letters are counted by."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason

    def __reduce__(self) -> tuple[type["ArticleError"], tuple[str, str]]:
        return type(self), (self.reason, str(self))  # Beam pickles exceptions between workers


class UsageError(DatelineError):
    """The command line or the configuration is wrong."""


class ModelError(DatelineError):
    """A model cannot be found, loaded or used."""


class DatasetError(DatelineError):
    """A dataset cannot be read or written, or is damaged."""
