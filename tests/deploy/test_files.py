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
    for file in (*DEPLOY.rglob("*"), ROOT / "docs" / "deploying.md"):
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
