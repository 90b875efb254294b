"""Parse the DAG with a real Airflow and run it, day by day, with a real Dateline: `check.sh` calls this."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from airflow.dag_processing.dagbag import DagBag
from airflow.models.asset import AssetEvent
from airflow.sdk import DagRunState
from airflow.utils.session import create_session
from sqlalchemy import select

STORY = "WINDHOEK, March {day}, 2026 - The parliament of Namibia approved ferry {day}, said the Namibian president."


def main(dateline: str, work: Path) -> None:
    """Every day of the check ends as it should."""
    bag = DagBag(str(Path(__file__).with_name("dateline_dag.py")))
    assert not bag.import_errors, bag.import_errors
    dag = bag.dags["dateline"]
    dag.validate()
    (task,) = dag.tasks
    assert (task.retries, task.max_active_tis_per_dag, dag.max_active_runs) == (3, 1, 1)
    assert [asset.name for asset in task.outlets] == ["dateline_articles"]
    print("parsed:", dag.dag_id, task.task_id)

    for day in (3, 4):
        write(work / f"news/2026/03/{day:02}/story.txt", STORY.format(day=day))
    base = {"dateline": dateline, "inputs": str(work / "news/%Y/%m/%d"), "output": str(work / "out")}
    first = run(dag, 3, base)
    assert first["new"] == 1, first
    assert run(dag, 4, base)["new"] == 1
    assert run(dag, 5, base) is None  # a day without articles is skipped, not failed
    write(work / "news/2026/03/06/empty.txt", "")
    failed(dag, 6, {**base, "options": ["--max-dead-letters", "0"]}, "exit code 3")
    failed(dag, 4, {**base, "options": ["--unit-artikles", "3"]}, "exit code 2")
    runs = sorted(path.stem for path in (work / "out/_runs").glob("*.json"))
    assert len(runs) == 3, runs  # the runs' ids are Airflow's
    print("runs:", *runs)
    with create_session() as session:
        events = [event.extra["counts"]["new"] for event in session.scalars(select(AssetEvent))]
    assert events == [1, 1], events
    print("asset events:", len(events))


def write(path: Path, text: str) -> None:
    """A file and its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def run(dag, day, conf):  # type: ignore[no-untyped-def]
    """One day's DAG run; its counts, None where it was skipped."""
    result = started(dag, day, conf)
    assert result.state == DagRunState.SUCCESS, result.state
    (instance,) = result.get_task_instances()
    print(f"day {day}: {instance.state}")
    return instance.xcom_pull(task_ids="run_dateline") if instance.state == "success" else None


def started(dag, day, conf):  # type: ignore[no-untyped-def]
    """A run by hand at the midnight after a day: its interval is the last whole one, that day."""
    return dag.test(logical_date=datetime(2026, 3, day + 1, tzinfo=UTC), run_conf=conf)


def failed(dag, day, conf, reason):  # type: ignore[no-untyped-def]
    """A day that fails without another try."""
    result = started(dag, day, conf)
    (instance,) = result.get_task_instances()
    print(f"day {day}, {json.dumps(conf.get('options'))}: {instance.state}, try {instance.try_number} ({reason})")
    assert (result.state, instance.state) == (DagRunState.FAILED, "failed")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
