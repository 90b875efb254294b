"""Dateline by the day: each data interval's articles into the dataset, and an asset event when they are there.

Copy this file into Airflow's dags folder. Dateline lives in an environment of its own (its packages and Airflow's do
not mix); the parameter `dateline` names its command. Every parameter can be changed for one run or a whole backfill.
"""

import glob
import json
import subprocess
from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG, Asset, CronDataIntervalTimetable, Param, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

ARTICLES = Asset("dateline_articles")  # schedule=[Asset("dateline_articles")] starts what reads the dataset
WRONG_USAGE, TOO_MANY_DEAD_LETTERS = 2, 3

with DAG(
    dag_id="dateline",
    description="News articles of a day into enriched Parquet by country and date",
    schedule=CronDataIntervalTimetable("0 0 * * *", timezone="UTC"),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    tags=["news"],
    params={
        "dateline": Param("/opt/dateline/bin/dateline", type="string", description="The command"),
        "inputs": Param(
            "/srv/news/%Y/%m/%d",
            type="string",
            description="Where the articles of an interval lie: a folder or glob; %Y, %m, %d, %H are of its start",
        ),
        "output": Param("/srv/dateline/out", type="string", description="The dataset"),
        "options": Param([], type="array", items={"type": "string"}, description="More options of `dateline run`"),
    },
    doc_md=__doc__,
) as dag:

    @task(
        outlets=[ARTICLES],
        max_active_tis_per_dag=1,  # a dataset has one writer; the runs of a backfill have another limit than the DAG's
        retries=3,
        retry_delay=timedelta(minutes=5),
        retry_exponential_backoff=True,
        execution_timeout=timedelta(hours=12),
    )
    def run_dateline(params, run_id, data_interval_start, outlet_events):  # type: ignore[no-untyped-def]
        """Run Dateline over the interval's articles; returns its counts, which are also in the asset event.

        A try again bears the same run id: it goes on where the last one stopped. What another try would not mend fails
        at once, and a day without articles is skipped.
        """
        inputs = data_interval_start.strftime(params["inputs"])
        if not glob.glob(inputs):
            raise AirflowSkipException(f"no articles at {inputs}")
        command = [params["dateline"], "run", inputs, params["output"], "--run-id", run_id, "--summary-json", "-"]
        code, said = call([*command, "--log-format", "json", *params["options"]])
        if code in (WRONG_USAGE, TOO_MANY_DEAD_LETTERS):
            raise AirflowFailException(f"dateline ended with exit code {code}: its last lines above say why")
        if code:
            raise RuntimeError(f"dateline ended with exit code {code}: the next try goes on from there")
        summary = json.loads(said)
        outlet_events[ARTICLES].extra = {"run_id": run_id, "output": summary["output"], "counts": summary["counts"]}
        return summary["counts"]

    run_dateline()


def call(command: list[str]) -> tuple[int, str]:
    """Run a command, its stderr into the task's log; exit code and stdout. A task that is stopped stops it cleanly."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            said, _ = process.communicate()
        except BaseException:
            process.terminate()  # it commits or drops the open unit, and leaves
            raise
    return process.returncode, said
