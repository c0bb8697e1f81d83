"""What a class on JupyterHub is started with: values of its chart, the image, the page about it.

CHART_SCHEMA=…/values.schema.yaml (in a clone of the chart's repository, beside the values that hold
where none are given) checks the values against it; CI has Helm do that with the published chart.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import install_lab_config
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "deploy/README.md").read_text(encoding="utf-8")
VALUES = yaml.safe_load((ROOT / "deploy/values.yaml").read_text(encoding="utf-8"))
WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
MEASURED = ROOT / "benchmarks/results/classroom.md"
LEARNER = VALUES["singleuser"]
FOLDER = "batch-normalization"  # a learner's copy of the repository


def blocks(language):
    """The code in README that is marked with a language; "": what is indented."""
    if language:
        return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    return re.findall(r"(?<=\n\n)((?:    .+\n)+)", README)


def mebibytes(text):
    number, unit = re.fullmatch(r"(\d+)([MG])i?", text).groups()
    return int(number) * (1024 if unit == "G" else 1)


def test_the_values_are_those_of_a_class():
    assert LEARNER["networkPolicy"] == {"enabled": True}
    assert "extraContainers" not in LEARNER
    assert "allowPrivilegeEscalation" not in LEARNER  # the chart's own, false, holds
    assert VALUES["cull"]["enabled"]
    assert VALUES["cull"]["every"] < VALUES["cull"]["timeout"] < VALUES["cull"]["maxAge"]
    opens = LEARNER["defaultUrl"].removeprefix(f"/lab/tree/{FOLDER}/")
    assert (ROOT / opens).exists()
    (command,) = LEARNER["lifecycleHooks"]["postStart"]["exec"]["command"][2:]
    assert f"gitpuller https://github.com/OWNER/NAME main {FOLDER} || true" in command
    kernels = LEARNER["extraFiles"]["kernels"]
    assert kernels["mountPath"].startswith("/etc/jupyter/jupyter_server_config")
    assert not kernels["data"]["MappingKernelManager"]["cull_connected"]


def test_nobody_can_log_in_before_it_is_said_who():
    text = (ROOT / "deploy/values.yaml").read_text(encoding="utf-8")
    assert not re.search("allowed_users|authenticator_class|secret|password", text)
    assert VALUES["hub"]["config"]["Authenticator"] == {"allow_all": False}  # the chart's is true


@pytest.mark.skipif(not MEASURED.exists(), reason="benchmarks/classroom.py has not been run")
def test_memory_and_cores_are_those_that_were_measured():
    """Where this fails after a new measurement, values.yaml and deploy/README.md are to follow."""
    said = MEASURED.read_text(encoding="utf-8")
    memory = re.search(r"Memory a learner: (\d+) MB guaranteed, (\d+) MB at most", said)
    cores = re.search(r"Cores a learner: ([\d.]+) guaranteed, (\d+) at most", said)
    guarantee, limit = (mebibytes(LEARNER["memory"][name]) for name in ("guarantee", "limit"))
    assert (int(memory[1]), int(memory[2])) == (guarantee, limit)
    assert float(cores[1]) == LEARNER["cpu"]["guarantee"] < LEARNER["cpu"]["limit"]
    assert LEARNER["cpu"]["limit"] == int(cores[2])
    threads = int(LEARNER["extraEnv"]["OPENBLAS_NUM_THREADS"])
    assert threads == LEARNER["cpu"]["limit"]
    for words in (f"set limits.memory {limit}M", f"set limits.cpu {int(cores[2])}"):
        assert words in README


def over(chart, values):
    """The chart's values with ours in their place, as Helm puts them together."""
    return chart | {
        name: over(chart[name], value)
        if isinstance(value, dict) and isinstance(chart.get(name), dict)
        else value
        for name, value in values.items()
    }


@pytest.mark.parametrize("values", [VALUES, *map(yaml.safe_load, blocks("yaml"))])
def test_the_chart_takes_the_values(values):
    schema = os.environ.get("CHART_SCHEMA")
    if not schema:
        pytest.skip("CHART_SCHEMA names no values.schema.yaml of the chart")
    jsonschema = pytest.importorskip("jsonschema")
    chart = yaml.safe_load(Path(schema).with_name("values.yaml").read_text(encoding="utf-8"))
    schema = yaml.safe_load(Path(schema).read_text(encoding="utf-8"))
    check = jsonschema.validators.validator_for(schema)(schema)
    check.validate(over(chart, values))
    wrong = {"singleuser": {"memory": {"guarantees": "1G"}}}, {"cull": {"timeout": "an hour"}}
    for mistake in wrong:
        with pytest.raises(jsonschema.ValidationError):
            check.validate(over(over(chart, values), mistake))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="repo2docker does not run on Windows")
@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_the_image_has_the_settings_of_the_server_and_what_follows_the_repository():
    """The command of `make image`, which only plans the image here."""
    environment = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    make = ["make", "-n", "image", "IMAGE=owner/name:tag", f"PY={shlex.quote(sys.executable)}"]
    told = subprocess.run(make, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    command = told.stdout.splitlines()[-1]
    words = shlex.split(command)
    for word in ("--no-run", "--user-name", "jovyan", "--image-name", "owner/name:tag"):
        assert word in words
    plan = command.replace("--no-run", "--no-build --debug")
    said = subprocess.run(
        ["bash", "-c", plan], cwd=ROOT, env=environment, encoding="utf-8", errors="replace",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout
    steps = said.stdout
    post_build, appendix = steps.index("RUN ./binder/postBuild"), steps.index("# Appendix:")
    assert steps.index("COPY --chown=1000:1000 src/ ${REPO_DIR}/") < post_build < appendix
    assert re.search(r"^RUN .*pip install .*nbgitpuller==[\d.]+", steps[appendix:], re.MULTILINE)
    assert "FROM " not in steps[appendix:]
    installs = (ROOT / "binder/postBuild").read_text(encoding="utf-8")
    assert "python scripts/install_lab_config.py" in installs


def test_secrets_and_what_is_made_here_stay_out_of_the_image():
    ignored = (ROOT / "binder/.dockerignore").read_text(encoding="utf-8").split()
    assert {"who.yaml", "**/who.yaml", ".venv*", ".git", "site/pyodide"} <= set(ignored)
    assert "who.yaml" in (ROOT / ".gitignore").read_text(encoding="utf-8").split()


@pytest.mark.slow
def test_a_learners_server_reads_the_settings_in_the_image_and_those_of_the_values(tmp_path):
    """The one in its environment, the other mounted in /etc: CI asks the image in the same way."""
    image, mounted = tmp_path / "image", tmp_path / "mounted"
    install_lab_config.install(image)
    mounted.mkdir()
    file = LEARNER["extraFiles"]["kernels"]
    (mounted / Path(file["mountPath"]).name).write_text(json.dumps(file["data"]))
    paths = os.pathsep.join([str(image / "etc/jupyter"), str(mounted)])
    environment = os.environ | {"JUPYTER_CONFIG_PATH": paths, "JUPYTER_NO_CONFIG": ""}
    command = [sys.executable, "-m", "jupyter", "server", "--show-config"]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert "kernel_websocket_connection_class = <class 'PromptConnection'>" in told.stdout
    assert ".cull_idle_timeout = 1800" in told.stdout
    ci = "\n".join(step.get("run", "") for step in WORKFLOW["jobs"]["deploy"]["steps"])
    assert "jupyter server --show-config | grep PromptConnection" in ci


def test_without_a_name_make_image_says_what_is_missing():
    if shutil.which("make") is None:
        pytest.skip("needs make")
    environment = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    told = subprocess.run(
        ["make", "-n", "image"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert told.returncode != 0
    assert "make image IMAGE=owner/name:tag" in told.stderr


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize("code", [*blocks("bash"), *blocks("")])
def test_what_the_page_tells_to_type_is_a_command(code):
    if code.strip().startswith("https://"):
        return
    told = subprocess.run(["bash", "-n"], input=code, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    programs = {line.split()[0] for line in code.strip().splitlines()}
    assert programs <= {"make", "docker", "helm", "kubectl", "sudo", "curl"}


def test_the_link_opens_the_first_notebook():
    (link,) = [block.strip() for block in blocks("") if "git-pull" in block]
    parts = urlsplit(link)
    assert (parts.scheme, parts.path) == ("https", "/hub/user-redirect/git-pull")
    asked = parse_qs(parts.query, strict_parsing=True)
    opens = asked.pop("urlpath")[0].removeprefix("lab/tree/")
    assert LEARNER["defaultUrl"] == f"/lab/tree/{opens}"
    where = {"repo": ["https://github.com/OWNER/NAME"], "branch": ["main"], "targetpath": [FOLDER]}
    assert asked == where


def test_page_values_and_workflow_name_the_same_versions_and_commands():
    text = (ROOT / "deploy/values.yaml").read_text(encoding="utf-8")
    ci = "\n".join(step.get("run", "") for step in WORKFLOW["jobs"]["deploy"]["steps"])
    charts = {re.search(r"(?:--|, )version ([\d.]+\d)", each)[1] for each in (text, ci, README)}
    assert len(charts) == 1
    image = (ROOT / "deploy/image.dockerfile").read_text(encoding="utf-8")
    assert len(set(re.findall(r"nbgitpuller==([\d.]+)", image + README))) == 1
    assert "make image IMAGE=" in ci
    assert "make image IMAGE=" in README
    assert "install_lab_config.py" in README
