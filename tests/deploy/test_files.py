"""The files that run the service elsewhere are sound, as far as that shows without an engine for images."""

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import helm_python
import kubernetes_validate
import pytest
import yaml

from api.settings import Settings
from tests.support.paths import ROOT

DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "helm" / "pullquote"
GIVEN: dict[str, Any] = {
    "publicUrl": "https://answers.example.org",
    "writeToken": "correct-horse-battery-staple",
    "trustedProxies": "10.0.0.0/8",
    "ingress": {"enabled": True, "tlsSecret": "certificate"},
    "settings": {"WORKERS": 4},
}


def rendered(**values: Any) -> dict[str, dict[str, Any]]:
    """The resources of the chart, by their kinds."""
    with helm_python.Chart.load(CHART) as chart:
        files = chart.render({**GIVEN, **values}, name="demo", namespace="prod")
    found = [yaml.safe_load(text) for name, text in files.items() if name.endswith(".yaml")]
    return {resource["kind"]: resource for resource in found if resource}


def test_every_setting_that_is_named_exists() -> None:
    known = {f"PULLQUOTE_{name.upper()}" for name in Settings.model_fields}
    for file in (*DEPLOY.rglob("*"), ROOT / "docs" / "deploying.md", ROOT / "docs" / "replicas.md"):
        if file.is_file():
            named = set(re.findall(r"PULLQUOTE_[A-Z_]*[A-Z]", file.read_text(encoding="utf-8")))
            assert named <= known, file


@pytest.mark.slow
def test_the_dockerfile_has_nothing_that_hadolint_warns_of() -> None:
    linter = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([linter, DEPLOY / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_image_is_made_of_what_is_there_and_runs_without_rights() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE)
    for name in " ".join(copied).split():
        assert (ROOT / name).exists(), name
        assert f"!{name}" in (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines(), name
    users = re.findall(r"^USER (.+)$", text, re.MULTILINE)
    assert users == ["10001:10001"]


def test_the_chart_has_nothing_that_helm_warns_of() -> None:
    found = helm_python.lint(CHART, GIVEN, strict=True)
    worth_it = [each for each in found["messages"] if each["error"] != "icon is recommended"]
    assert (worth_it, found["errors"]) == ([], [])


@pytest.mark.slow
def test_the_chart_makes_resources_that_kubernetes_takes() -> None:
    kinds = rendered()
    assert kinds.keys() == {"StatefulSet", "Service", "Secret", "Ingress", "NetworkPolicy"}
    for resource in kinds.values():
        kubernetes_validate.validate(resource, "1.37", strict=True)
    assert "Ingress" not in rendered(ingress={"enabled": False})
    assert "Secret" not in rendered(existingSecret="mine", writeToken="")


REPLICAS = {"count": 2, "bucket": "s3://answers/news", "bucketSecret": "bucket", "most": 6, "queue": 4}


def of_replicas() -> dict[str, dict[str, Any]]:
    """The resources of the chart with replicas, by kind and name."""
    with helm_python.Chart.load(CHART) as chart:
        files = chart.render({**GIVEN, "replicas": REPLICAS}, name="demo", namespace="prod")
    found = [yaml.safe_load(text) for name, text in files.items() if name.endswith(".yaml")]
    return {f"{each['kind']} {each['metadata']['name'].removeprefix('demo-pullquote')}": each for each in found if each}


@pytest.mark.slow
def test_the_chart_with_replicas_makes_resources_that_kubernetes_takes() -> None:
    for resource in of_replicas().values():
        kubernetes_validate.validate(resource, "1.37", strict=True)


def test_replicas_follow_what_the_builder_publishes_and_get_the_questions() -> None:
    found = of_replicas()
    builder, replica = found["StatefulSet "], found["Deployment -replica"]

    def environment(of: dict[str, Any]) -> dict[str, Any]:
        (container,) = of["spec"]["template"]["spec"]["containers"]
        assert container["envFrom"] == [{"secretRef": {"name": "bucket"}}]
        return {each["name"]: each.get("value") for each in container["env"]}

    ours, theirs = environment(builder), environment(replica)
    assert ours["PULLQUOTE_PUBLISH_TO"] == theirs["PULLQUOTE_FOLLOW"] == REPLICAS["bucket"]
    assert "PULLQUOTE_FOLLOW" not in ours
    assert "PULLQUOTE_PUBLISH_TO" not in theirs
    assert ours["PULLQUOTE_PUBLIC_URL"] == "http://demo-pullquote-builder.prod.svc"
    assert theirs["PULLQUOTE_PUBLIC_URL"] == GIVEN["publicUrl"]
    labels = [of["spec"]["template"]["metadata"]["labels"] for of in (builder, replica)]
    for service, pods in (("Service -builder", labels[0]), ("Service ", labels[1])):
        assert found[service]["spec"]["selector"].items() <= pods.items()
    assert not builder["spec"]["selector"]["matchLabels"].items() <= labels[1].items()
    assert "volumeClaimTemplates" not in replica["spec"]
    assert {"name": "data", "emptyDir": {}} in replica["spec"]["template"]["spec"]["volumes"]
    scaler = found["HorizontalPodAutoscaler -replica"]["spec"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (2, 6)
    with pytest.raises(helm_python.HelmError, match=r"replicas\.bucket"):
        rendered(replicas={"count": 1, "bucket": ""})


def test_the_pod_has_no_rights_and_writes_only_into_its_volumes() -> None:
    pod = rendered()["StatefulSet"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    environment = {each["name"]: each.get("value") for each in container["env"]}
    assert environment["PULLQUOTE_WORKERS"] == "4"
    assert environment["PULLQUOTE_TRUSTED_PROXIES"] == "10.0.0.0/8"
    assert environment["PULLQUOTE_WRITE_TOKEN"] is None  # it comes from the secret
    drain = 5 + float(environment["PULLQUOTE_DRAIN_SECONDS"] or 0)
    assert pod["terminationGracePeriodSeconds"] > drain


@pytest.mark.parametrize("missing", ["publicUrl", "writeToken"])
def test_the_chart_says_what_is_missing(missing: str) -> None:
    with pytest.raises(helm_python.HelmError, match=missing):
        rendered(**{missing: ""})


def test_the_services_of_compose_have_no_more_rights_than_they_need() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    service = compose["services"]["pullquote"]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["user"] == "10001:10001"
    assert "ports" not in service  # only the proxy is reachable from outside
    for name in ("dockerfile",):
        assert (DEPLOY / service["build"]["context"] / service["build"][name]).is_file()
    for each in compose["services"].values():
        for volume in each.get("volumes", []):
            source = volume.rpartition(":/")[0]
            assert not source.startswith(".") or (DEPLOY / source).exists(), volume


def test_the_replicas_of_compose_have_no_more_rights_and_get_the_questions() -> None:
    first, more = (
        yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))["services"]
        for name in ("compose.yaml", "compose.replicas.yaml")
    )
    replicas = {name: each for name, each in more.items() if "PULLQUOTE_FOLLOW" in each["environment"]}
    assert more["caddy"]["environment"]["UPSTREAM"] == " ".join(f"{name}:8000" for name in replicas)
    for replica in replicas.values():
        for kept in ("read_only", "cap_drop", "user", "security_opt", "tmpfs", "pids_limit"):
            assert replica[kept] == first["pullquote"][kept]
        assert "ports" not in replica
    assert len({volume for each in replicas.values() for volume in each["volumes"]}) == len(replicas) == 2
    assert "PULLQUOTE_PUBLISH_TO" in more["pullquote"]["environment"]


def test_the_examples_for_traefik_name_what_they_define() -> None:
    http = yaml.safe_load((DEPLOY / "traefik" / "pullquote.yaml").read_text(encoding="utf-8"))["http"]
    static = yaml.safe_load((DEPLOY / "traefik" / "traefik.yaml").read_text(encoding="utf-8"))
    router = http["routers"]["pullquote"]
    assert router["service"] in http["services"]
    assert set(router["middlewares"]) == http["middlewares"].keys()
    assert set(router["entryPoints"]) <= static["entryPoints"].keys()
    assert router["tls"]["certResolver"] in static["certificatesResolvers"]


def test_the_unit_has_no_rights_to_gain(tmp_path: Path) -> None:
    unit = DEPLOY / "systemd" / "pullquote.service"
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(unit, encoding="utf-8")
    assert parser["Service"]["NoNewPrivileges"] == "yes"
    assert parser["Service"]["ProtectSystem"] == "strict"
    assert parser["Service"]["CapabilityBoundingSet"] == ""
    verify = shutil.which("systemd-analyze")
    if verify:
        copy = tmp_path / unit.name
        copy.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text(), flags=re.MULTILINE))
        done = subprocess.run([verify, "verify", copy], capture_output=True, text=True, check=False)
        assert copy.name not in done.stderr
