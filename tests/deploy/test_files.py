"""What the files in deploy/ say, against the code that they are for; what needs tools of its own is in check.sh."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from apache_beam import __version__ as beam_version
from apache_beam.options.pipeline_options import FlinkRunnerOptions, PipelineOptions
from packaging.requirements import Requirement
from packaging.version import Version

from pipeline.detached import parser
from schemas.record import PIPELINE_VERSION
from tests.conftest import dateline

DEPLOY = Path(__file__).parents[2] / "deploy"


def read(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def manifests() -> dict[str, dict[str, Any]]:
    """The Kubernetes objects, by kind and name."""
    found = [item for path in (DEPLOY / "kubernetes").glob("*.yaml") for item in yaml.safe_load_all(path.read_text())]
    return {f"{item['kind']}/{item['metadata']['name']}": item for item in found}


def in_force(text: str, command: str, folder: Path) -> dict[str, Any]:
    """What a configuration says for a command, as the command itself takes it."""
    file = folder / "dateline.toml"
    file.write_text(text, encoding="utf-8")
    shown = dateline("config", command, "--config", file)
    assert shown.exit_code == 0, shown.stderr
    return dict(tomllib.loads(shown.stdout)[command])


@pytest.fixture(autouse=True)
def _no_settings_of_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATELINE_CONFIG", raising=False)


def test_the_units_configuration_is_one(tmp_path: Path) -> None:
    text = read("cron-systemd/dateline.toml")
    for command in ("run", "follow"):
        assert in_force(text, command, tmp_path)["output"] == "/var/lib/dateline/out"  # the units' StateDirectory
    for unit in ("run", "follow"):
        assert "StateDirectory=dateline\n" in read(f"cron-systemd/dateline-{unit}.service")


def test_the_pods_run_what_the_config_map_says(tmp_path: Path) -> None:
    objects = manifests()
    text = objects["ConfigMap/dateline"]["data"]["dateline.toml"]
    run, follow = (in_force(text, command, tmp_path) for command in ("run", "follow"))
    job = objects["CronJob/dateline-run"]["spec"]["jobTemplate"]["spec"]
    pods = {"run": job["template"]["spec"], "follow": objects["Deployment/dateline-follow"]["spec"]["template"]["spec"]}
    for command, pod in pods.items():
        (container,) = pod["containers"]
        mounts = {mount["mountPath"]: mount for mount in container["volumeMounts"]}
        assert container["args"][:3] == [command, "--config", "/etc/dateline/dateline.toml"]
        assert container["image"] == f"dateline:{PIPELINE_VERSION}"
        assert run["inputs"] == follow["inputs"] == ["/news"]
        assert mounts["/news"]["readOnly"]
        assert Path(run["output"]).parent == Path(follow["output"]).parent == Path("/data")
        assert {"/data", "/tmp"} <= {path for path, mount in mounts.items() if not mount.get("readOnly")}
        assert pod["securityContext"]["runAsUser"] == 10001
        assert "memory" in container["resources"]["limits"]
    port = follow["metrics-port"]
    (container,) = pods["follow"]["containers"]
    assert container["ports"][0]["containerPort"] == port
    assert objects["Service/dateline-metrics"]["spec"]["ports"][0]["port"] == port
    assert objects["NetworkPolicy/dateline"]["spec"]["ingress"][0]["ports"][0]["port"] == port
    assert follow["metrics-host"] == "0.0.0.0"
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert container[probe]["httpGet"] == {"path": "/metrics", "port": "metrics"}
    assert job["podFailurePolicy"]["rules"][0]["onExitCodes"]["values"] == [2, 3]


def test_the_image_holds_what_the_project_asks_for() -> None:
    lines = [line for line in read("container/constraints.txt").splitlines() if not line.startswith("#")]
    pinned = {
        name.lower().replace("_", "-"): Version(version) for name, version in (line.split("==") for line in lines)
    }
    project = tomllib.loads((DEPLOY.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for text in project["dependencies"]:
        wanted = Requirement(text)
        assert pinned[wanted.name.lower().replace("_", "-")] in wanted.specifier, text
    for name in ("container/Dockerfile", "dataflow/Dockerfile"):
        assert str(pinned["apache-beam"]) in read(name)
    folders = re.findall(r"^COPY (\w+) \1$", read("container/Dockerfile"), re.MULTILINE)
    assert folders == ["schemas", "transforms", "models", "pipeline"]
    assert all(f"!{folder}\n" in read("container/Dockerfile.dockerignore") for folder in folders)


def test_the_templates_parameters_are_the_launchers() -> None:
    metadata = yaml.safe_load(read("dataflow/metadata.json"))
    actions = {action.dest: action for action in parser()._actions if action.dest != "help"}
    found = {parameter["name"]: parameter for parameter in metadata["parameters"]}
    assert found.keys() == actions.keys()
    values = {
        "inputs": "gs://news/2019/** gs://more", "output": "gs://sets/dateline", "fields": "text=story.body date=stamp",
        "since": "2019-01-11", "until": "2019-01-12", "path_date": "date=%Y-%m-%d", "run_id": "day-2019-01-11",
        "max_dead_letters": "5%",
    }  # fmt: skip
    for name, parameter in found.items():
        assert parameter.get("isOptional", False) == (not actions[name].required)
        for pattern in parameter.get("regexes", ()):
            assert re.fullmatch(pattern, values[name]), name
            assert bool(re.fullmatch(pattern, "")) == parameter.get("isOptional", False), name


def test_the_runbooks_name_options_that_beam_has() -> None:
    known = PipelineOptions([]).get_all_options()
    for name in ("flink/README.md", "dataflow/README.md"):
        options = re.findall(r"--runner-option \"?([a-z_]+)", read(name))
        assert options
        assert set(options) <= set(known), name


def test_the_flink_runbook_names_the_versions_of_this_beam() -> None:
    page = read("flink/README.md")
    versions = FlinkRunnerOptions.PUBLISHED_FLINK_VERSIONS
    assert f"Beam {beam_version} supports Flink {', '.join(versions[:-1])} and {versions[-1]}" in page
    for name, service in yaml.safe_load(read("flink/compose.yaml"))["services"].items():
        if name in ("jobmanager", "taskmanager"):
            assert service["image"] == f"flink:{versions[-1]}-java17"
    assert f"beam_flink{versions[-1]}_job_server:{beam_version}" in read("flink/compose.yaml")


def test_every_way_has_a_runbook_that_says_what_was_not_run() -> None:
    ways = sorted(path.name for path in DEPLOY.iterdir() if path.is_dir())
    assert ways == ["airflow", "container", "cron-systemd", "dataflow", "flink", "kubernetes"]
    for way in ways:
        assert "## Checked, and not" in read(f"{way}/README.md"), way


def test_the_scheduling_page_shows_what_the_command_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (DEPLOY.parent / "docs" / "scheduling.md").read_text(encoding="utf-8")
    (file,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (session,) = re.findall(r"```console\n(.*?)```", page, re.DOTALL)
    command, *printed = session.splitlines()
    assert command == "$ DATELINE_RUN_QUIET=true dateline config run --config dateline.toml --unit-articles 100"
    (tmp_path / "dateline.toml").write_text(file, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATELINE_RUN_QUIET", "true")
    shown = dateline("config", "run", "--config", "dateline.toml", "--unit-articles", "100").stdout.splitlines()
    assert [line for line in printed if line != "…"] == [line for line in shown if line in printed]
    assert in_force(file, "follow", tmp_path)["ner-model"] == "/srv/models/ner"
