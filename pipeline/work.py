"""One unit of work: through the graph into a staging folder, counted, and committed. `run` and `follow` share it."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from pipeline.commit import CommitCounts
from pipeline.dataset import Dataset, explained
from pipeline.options import StepOptions
from pipeline.runners import CreateDocuments, run_in_process
from pipeline.tally import Tally, tally_staged
from schemas.article import DeadLetter, Document
from schemas.errors import DatasetError
from transforms.encoding import printable

Mark = tuple[str, str]  # (fingerprint, uri): what the dataset knows an input by once it is wholly in


class Worker:
    """Takes units through the graph in this process and into a locked dataset; adds up what came out, and the time.

    `check` is called before a commit: it raises KeyboardInterrupt where one was taken for an article's error.
    """

    def __init__(self, dataset: Dataset, steps: StepOptions, *, check: Callable[[], None]) -> None:
        self.dataset, self.steps, self.check = dataset, steps, check
        self.tally = Tally()
        self.timings: dict[str, float] = defaultdict(float)  # seconds in the graph and in commits
        self.step_seconds: dict[str, float] = defaultdict(float)  # seconds in each step, as Beam samples them

    def stage(self, unit_id: str, documents: Sequence[Document], dead_letters: Sequence[DeadLetter]) -> Tally:
        """Run the graph over a unit's articles and count what it staged."""
        staging = self.dataset.staging(unit_id)
        with self.timed("graph"), explained(self.dataset.root):
            steps = run_in_process(CreateDocuments(documents, dead_letters), staging, self.steps)
        for step, seconds in steps.items():
            self.step_seconds[step] += seconds
        return tally_staged(staging)

    def commit(
        self,
        run_id: str,
        unit_id: str,
        staged: Tally,
        inputs: Iterable[Mark],
        *,
        articles: int | None,
        whole: Iterable[str] = (),
    ) -> CommitCounts:
        """Commit a staged unit, once every one of the `articles` that went in is known to have come out.

        Inputs that could not be opened are not done with it: they are tried again. `whole` as `Dataset.commit` has it.
        """
        self.check()
        found = staged.records + staged.dead_letters
        if articles not in (None, found):
            raise DatasetError(
                f"unit {unit_id} read {articles} articles and staged {staged.records} records and "
                f"{staged.dead_letters} dead letters, {found} in all; it was not committed. Please report this with "
                "the inputs of the run."
            )
        done = [{"fingerprint": mark, "uri": uri} for mark, uri in inputs if printable(uri) not in staged.unreadable]
        with self.timed("commit"):
            counts = self.dataset.commit(unit_id, run_id=run_id, inputs=done, whole=whole)
        self.tally.add(staged)
        return counts

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Add what happens inside to the time of `name`."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.timings[name] += time.monotonic() - started
