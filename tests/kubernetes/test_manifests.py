# SPDX-License-Identifier: Apache-2.0
"""What overlays and components promise, looked at without a cluster; schemas and rule sets are test_manifest_rules.py's."""

from __future__ import annotations

import re
import sys

import pytest
import yaml

from harness.packages import REPOSITORY
from kubernetes import manifests

sys.path.append(str(REPOSITORY / "tools" / "gateway"))
import routes


def expect_restricted(name: str, spec: dict) -> None:
    assert spec["securityContext"]["runAsNonRoot"] is True, name
    assert spec["securityContext"]["runAsUser"] > 0, name
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
    for container in manifests.containers(spec):
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"] is True, name
        assert context["allowPrivilegeEscalation"] is False, name
        assert context["capabilities"] == {"drop": ["ALL"]}, name


@pytest.mark.parametrize("overlay", manifests.OVERLAYS)
def test_every_pod_meets_the_restricted_standard_and_asks_for_no_token(overlay):
    found = manifests.objects(manifests.build(manifests.FOLDER / "overlays" / overlay))
    specs = manifests.pod_specs(found)
    assert len(specs) >= 5
    for name, spec in specs.items():
        expect_restricted(name, spec)
        assert spec["automountServiceAccountToken"] is False, name
        for container in manifests.containers(spec):
            assert container["resources"]["limits"]["memory"], name
    for each in found:
        if each["kind"] == "RabbitmqCluster":  # whose operator leaves out what the namespace asks for
            override = each["spec"]["override"]["statefulSet"]["spec"]["template"]["spec"]
            expect_restricted("RabbitmqCluster", override)
            assert {container["name"] for container in manifests.containers(override)} == {"setup-container", "rabbitmq"}
    (namespace,) = (each for each in found if each["kind"] == "Namespace")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_no_secret_is_in_an_environment_or_a_repository():
    for overlay in manifests.OVERLAYS:
        found = manifests.objects(manifests.build(manifests.FOLDER / "overlays" / overlay))
        assert not [each for each in found if each["kind"] == "Secret"], "secrets are made in the cluster"
        for name, spec in manifests.pod_specs(found).items():
            for container in manifests.containers(spec):
                assert "envFrom" not in container, name
                for variable in container.get("env", []):
                    assert "secretKeyRef" not in variable.get("valueFrom", {}), f"{name}: {variable['name']}"


def test_images_are_those_of_the_compose_file_and_of_the_current_version():
    compose = set(re.findall(r"^\s+image: (\S+)", (REPOSITORY / "docker-compose.yml").read_text(), re.MULTILINE))
    built = manifests.build(manifests.FOLDER / "overlays" / "development")
    used = set(re.findall(r"^\s+(?:- )?image: (\S+)", built, re.MULTILINE))
    assert used == compose
    version = "v" + (REPOSITORY / "VERSION").read_text().strip()
    assert {image.partition(":")[2] for image in used if image.startswith("micro-sayur/")} == {version}


def test_labels_select_nothing_that_an_overlay_adds():
    for overlay in manifests.OVERLAYS:
        for each in manifests.objects(manifests.build(manifests.FOLDER / "overlays" / overlay)):
            if each["kind"] in {"Deployment", "StatefulSet"}:
                assert set(each["spec"]["selector"]["matchLabels"]) == {"app"}, each["metadata"]["name"]
                assert each["spec"]["template"]["metadata"]["labels"]["environment"] == overlay


def test_the_gateway_answers_to_every_host_that_leads_to_it():
    for overlay in manifests.OVERLAYS:
        for each in manifests.objects(manifests.build(manifests.FOLDER / "overlays" / overlay)):
            named = each["spec"].get("hostnames", []) if each["kind"] == "HTTPRoute" else []
            assert set(named) <= {*routes.HOSTS, "not-applied.invalid"}, f"{overlay}: {named}"


def test_services_behind_a_sidecar_believe_it():
    """Else every customer had the sidecar's address, and all of them one limit."""
    meshed = 0
    for overlay in manifests.OVERLAYS:
        found = manifests.objects(manifests.build(manifests.FOLDER / "overlays" / overlay))
        (config,) = (each["data"] for each in found if each["kind"] == "ConfigMap" and each["metadata"]["name"].startswith("app-config"))
        if any(each["kind"] == "Sidecar" for each in found):
            meshed += 1
            assert "127.0.0.0/8" in config["trusted.proxies"].split(","), overlay
    assert meshed == 4


@pytest.mark.parametrize("overlay", manifests.OVERLAYS)
def test_services_count_the_two_proxies_in_front_of_them(overlay):
    """The entrance and the gateway: of what stands left of the address that the entrance saw, anybody may be the author."""
    found = manifests.objects(manifests.build(manifests.FOLDER / "overlays" / overlay))
    (config,) = (each["data"] for each in found if each["kind"] == "ConfigMap" and each["metadata"]["name"].startswith("app-config"))
    assert config["trusted.proxy.hops"] == "2"
    for service in ("user-service", "notification-service"):
        (container,) = manifests.workload(found, "Deployment", service)["spec"]["template"]["spec"]["containers"]
        keys = {each["name"]: each["valueFrom"]["configMapKeyRef"]["key"] for each in container["env"] if "configMapKeyRef" in str(each)}
        assert (keys["TRUSTED_PROXIES"], keys["TRUSTED_PROXY_HOPS"]) == ("trusted.proxies", "trusted.proxy.hops")


def test_where_an_autoscaler_is_a_deployment_has_no_replicas():
    for overlay in ("staging", "production"):
        found = manifests.objects(manifests.build(manifests.FOLDER / "overlays" / overlay))
        scaled = {each["spec"]["scaleTargetRef"]["name"] for each in found if each["kind"] == "HorizontalPodAutoscaler"}
        budgets = {each["metadata"]["name"] for each in found if each["kind"] == "PodDisruptionBudget"}
        assert scaled == {"user-service", "notification-service", "gateway"}
        assert scaled <= budgets
        for name in scaled:
            assert "replicas" not in manifests.workload(found, "Deployment", name)["spec"]


def test_overlays_differ_in_what_the_table_says():
    """The rows of docs/operations/kubernetes.md, out of the overlays themselves."""
    text = (REPOSITORY / "docs" / "operations" / "kubernetes.md").read_text()
    for row in manifests_rows():
        assert row in text, f"docs/operations/kubernetes.md lacks: {row}"


def manifests_rows() -> list[str]:
    built = {
        name: manifests.objects(manifests.build(manifests.FOLDER / "overlays" / name)) for name in ("development", "staging", "production")
    }

    def row(title: str, value) -> str:
        return f"| {title} | " + " | ".join(str(value(found)) for found in built.values()) + " |"

    def only(found: list[dict], kind: str, name: str | None = None) -> dict | None:
        return next((each for each in found if each["kind"] == kind and name in (None, each["metadata"]["name"])), None)

    def replicas(found):
        scaler = only(found, "HorizontalPodAutoscaler", "user-service-hpa")
        return f"{scaler['spec']['minReplicas']} to {scaler['spec']['maxReplicas']}" if scaler else "1"

    def processor(found):
        return manifests.workload(found, "Deployment", "user-service")["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"][
            "cpu"
        ]

    def host(found):
        return only(found, "Gateway")["spec"]["listeners"][0].get("hostname", f"the gateway's: {', '.join(routes.HOSTS)}")

    def config(key):
        def value(found):
            (each,) = (each for each in found if each["kind"] == "ConfigMap" and each["metadata"]["name"].startswith("app-config"))
            return f"`{each['data'][key]}`"

        return value

    return [
        row("namespace", lambda found: f"`{only(found, 'Namespace')['metadata']['name']}`"),
        row("of each service", replicas),
        row("CPU limit of user-service", processor),
        row("host", host),
        row("mail server", config("smtp.host")),
        row("who is mailed ([data.md](data.md#a-restored-copy-mails-nobody))", config("mail.recipients")),
        row("log level", config("log.level")),
    ]


def test_every_monitor_calls_its_job_as_the_rules_do():
    """The operator would call it by the Service's name, which no rule and no dashboard knows."""
    found = manifests.objects((manifests.FOLDER / "components" / "monitoring" / "monitors.yaml").read_text())
    named = {}
    for monitor in found:
        (endpoint,) = monitor["spec"]["endpoints"]
        (job,) = [each["replacement"] for each in endpoint["relabelings"] if each["targetLabel"] == "job"]
        named[monitor["metadata"]["name"]] = job
    scraped = yaml.safe_load((REPOSITORY / "deployments/observability/prometheus/prometheus.yml").read_text())["scrape_configs"]
    assert set(named.values()) <= {each["job_name"] for each in scraped}
    assert named["user-service"] == "user-service" and named["postgres-exporter"] == "postgres"


def test_whoever_verifies_backups_reaches_the_job_and_knows_its_limit(tmp_path):
    found = manifests.objects(manifests.build_with_component("backup", tmp_path))
    verify = manifests.workload(found, "CronJob", "verify")["spec"]["jobTemplate"]["spec"]["template"]
    (container,) = verify["spec"]["containers"]
    env = {each["name"]: each.get("value", each.get("valueFrom")) for each in container["env"]}
    limit = {"containerName": container["name"], "resource": "limits.ephemeral-storage"}
    assert env["BACKUP_FOLDER_BYTES"] == {"resourceFieldRef": limit}
    assert container["resources"]["limits"]["ephemeral-storage"]
    host, port = re.fullmatch(r"http://(\w+):(\d+)", env["BACKUP_JOB_URL"]).groups()
    (service,) = (each for each in found if each["kind"] == "Service" and each["metadata"]["name"] == host)
    (served,) = (each for each in service["spec"]["ports"] if each["port"] == int(port))
    caller, called = verify["metadata"]["labels"]["app"], service["spec"]["selector"]["app"]
    policies = [each["spec"] for each in found if each["kind"] == "NetworkPolicy"]

    def admitted(app: str, way: str, peers: str, other: str) -> bool:
        rules = [rule for each in policies if each["podSelector"]["matchLabels"]["app"] == app for rule in each.get(way, ())]
        selector = {"podSelector": {"matchLabels": {"app": other}}}
        return any(selector in rule.get(peers, ()) and {"protocol": "TCP", "port": served["targetPort"]} in rule["ports"] for rule in rules)

    assert admitted(caller, "egress", "to", called)
    assert admitted(called, "ingress", "from", caller)


def test_the_gateways_ratio_is_set_as_compose_sets_it():
    def layers(command: list[str], variable: str) -> dict:
        text = command[command.index("--config-yaml") + 1]
        assert variable in text
        return yaml.safe_load(text.replace(variable, "1"))

    compose = yaml.safe_load((REPOSITORY / "compose.tracing.yml").read_text())["services"]["gateway"]["entrypoint"]
    component = yaml.safe_load((manifests.FOLDER / "components/otel/kustomization.yaml").read_text())
    (patch,) = [yaml.safe_load(each["patch"]) for each in component["patches"] if each["target"].get("name") == "gateway"]
    command = [each["value"] for each in patch if each["path"].endswith("/command/-")]
    assert layers(command, "$(TRACES_PER_10000)") == layers(compose, "${GATEWAY_TRACES_PER_10000:-500}")
