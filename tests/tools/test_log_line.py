# SPDX-License-Identifier: Apache-2.0
"""The schema of a log line, the store's mapping, the shippers and the table in the docs speak of the same fields."""

import fnmatch
import json
import re

import pytest
import yaml

from harness.log_lines import LOGS, REPOSITORY, SCHEMA, fault_of

DOCUMENT = (REPOSITORY / "docs/operations/logs.md").read_text()
SHIPPING = (REPOSITORY / "docs/operations/log-shipping.md").read_text()
STORE = LOGS / "elasticsearch"
MAPPING = json.loads((STORE / "mappings.json").read_text())["template"]["mappings"]
OF_A_FAILURE = {"event.kind", "event.original", "log.file.path"}
KINDS = {"string": {"keyword", "text", "ip", "date_nanos"}, "integer": {"integer", "long"}}
GOOD = {"@timestamp": "2026-11-29T13:10:32.123456Z", "log.level": "info", "service.name": "user-service", "message": "request"}


def table(heading: str) -> dict[str, str]:
    """Field -> type, of the table under a heading."""
    section = DOCUMENT.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| `([^`]+)` \| (\w+) \|", section, re.MULTILINE))


def test_the_mapping_has_the_schemas_fields_and_types():
    mapped = {name: each["type"] for name, each in MAPPING["properties"].items()}
    assert mapped.keys() == SCHEMA["properties"].keys() | OF_A_FAILURE
    for name, each in SCHEMA["properties"].items():
        assert mapped[name] in KINDS[each["type"]], name
    assert MAPPING["dynamic"] is False
    assert all(each.get("ignore_above", 0) > 0 for each in MAPPING["properties"].values() if each["type"] == "keyword")


def test_no_field_stands_in_anothers_way():
    """A name with dots is an object to the store: `error` and `error.message` cannot both be."""
    names = MAPPING["properties"].keys()
    assert [(one, other) for one in names for other in names if other.startswith(f"{one}.")] == []


def test_the_docs_table_has_the_schemas_fields_and_types():
    assert table("What a line holds") == {name: each["type"] for name, each in SCHEMA["properties"].items()}
    assert table("What could not be read") == dict.fromkeys(OF_A_FAILURE, "string")


def test_fluent_bit_knows_the_same_types():
    script = (LOGS / "fluent-bit/lines.lua").read_text()
    for kind in KINDS:
        listed = re.search(rf"^local {kind}s = \[\[(.*?)\]\]", script, re.MULTILINE | re.DOTALL)[1].split()
        assert sorted(listed) == sorted(name for name, each in SCHEMA["properties"].items() if each["type"] == kind)


def test_fluent_bit_judges_what_the_stores_types_ask_for():
    script = (LOGS / "fluent-bit/lines.lua").read_text()
    for name, kind in (("small", "integer"), ("addresses", "ip")):
        listed = re.findall(r'\["([\w.]+)"\] = true', re.search(rf"^local {name} = (.*)$", script, re.MULTILINE)[1])
        assert sorted(listed) == sorted(field for field, each in MAPPING["properties"].items() if each["type"] == kind)
    dates = {field for field, each in MAPPING["properties"].items() if each["type"] == "date_nanos"}
    assert dates == {"@timestamp"}, "of which time_of judges the only one"


def test_fluent_bit_is_told_all_that_it_asks_for():
    configuration = (LOGS / "fluent-bit/fluent-bit.yaml").read_text()
    asked = set(re.findall(r"\$\{(\w+)\}", configuration)) - {each["name"] for each in yaml.safe_load(configuration)["env"]}
    by_compose = yaml.safe_load((REPOSITORY / "compose.logging.yml").read_text())["services"]["fluent-bit"]["environment"]
    container = of_a_node()["containers"][0]
    from_the_map = set(re.findall(r"--from-literal=([A-Z_]+)=", SHIPPING))
    of_the_script = set(re.findall(r'os\.getenv\("(\w+)"\)', (LOGS / "fluent-bit/lines.lua").read_text()))
    assert by_compose.keys() == asked | of_the_script
    assert {each["name"] for each in container["env"]} | from_the_map == asked
    assert asked | of_the_script <= set(re.findall(r"`([A-Z_]+)`", SHIPPING))


def of_a_node() -> dict:
    """The pod of the DaemonSet."""
    return list(yaml.safe_load_all((REPOSITORY / "deployments/k8s/logging/daemonset.yaml").read_text()))[-1]["spec"]["template"]["spec"]


def test_the_stores_password_is_a_file():
    (variable,) = yaml.safe_load((LOGS / "fluent-bit/fluent-bit.yaml").read_text())["env"]
    folder, _, name = variable["uri"].removeprefix("file://").rpartition("/")
    compose = yaml.safe_load((REPOSITORY / "compose.logging.yml").read_text())
    assert (folder, [name]) == ("/run/secrets", compose["services"]["fluent-bit"]["secrets"])
    assert compose["secrets"][name]["file"].endswith(f"/{name}")
    (mount,) = [each for each in of_a_node()["containers"][0]["volumeMounts"] if each["mountPath"] == folder]
    (volume,) = [each for each in of_a_node()["volumes"] if each["name"] == mount["name"]]
    assert [each["path"] for each in volume["secret"]["items"]] == [name]
    assert "PASSWORD" not in str([each["env"] for each in of_a_node()["containers"]])


def test_the_containers_of_every_overlay_are_read_and_no_others():
    overlays = (REPOSITORY / "deployments/k8s/overlays").glob("*/kustomization.yaml")
    namespaces = {yaml.safe_load(each.read_text())["namespace"] for each in overlays}
    assert len(namespaces) == 3
    patterns = next(each["value"] for each in of_a_node()["containers"][0]["env"] if each["name"] == "LOG_FILES").split(",")

    def read(pod: str, namespace: str, container: str) -> bool:
        return any(fnmatch.fnmatchcase(f"/var/log/containers/{pod}_{namespace}_{container}-{'0f' * 32}.log", each) for each in patterns)

    ours = ("gateway", "user-service", "notification-service", "postgres", "redis", "rabbitmq")
    assert [(space, name) for space in namespaces for name in ours if not read(f"{name}-7d5f9-x2x4z", space, name)] == []
    assert not read("redis-0", "somebody-elses", "redis")
    assert not read("micro-sayur-0", "somebody-elses", "redis")
    assert not read("mailpit-0", "micro-sayur", "mailpit")
    policy = (REPOSITORY / "deployments/k8s/logging/networkpolicy.yaml").read_text()
    assert set(re.search(r"values: \[(.*)\]", policy)[1].split(", ")) == {"monitoring", *namespaces}


def test_what_fluent_bit_takes_for_ours_is_what_runs():
    services = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())["services"].keys()
    script = (LOGS / "fluent-bit/lines.lua").read_text()
    taken = re.findall(r'[\w"\[\]-]+(?= = true)', re.search(r"^local ours = \{(.*?)\}", script, re.MULTILINE | re.DOTALL)[1])
    assert {name.strip('[]"') for name in taken} == services - {"mailpit"}


def test_a_good_line_is_good():
    assert fault_of(json.dumps(GOOD)) == ""


@pytest.mark.parametrize(
    "changed",
    [
        {"http.status": 200},
        {"http.response.status_code": "200"},
        {"event.duration": 1.5},
        {"@timestamp": "2026-11-29 13:10:32.123"},
        {"@timestamp": "2026-11-29T13:10:32.123+07:00"},
        {"log.level": "fatal"},
        {"service.name": "else"},
        {"request_id": None},
        {"http": {"response": {"status_code": 200}}},
    ],
    ids=str,
)
def test_another_form_of_line_is_a_fault(changed):
    assert fault_of(json.dumps(GOOD | changed)) != ""


@pytest.mark.parametrize("line", ["", "hello", "[]", '{"message": "cut', json.dumps({"message": "alone"}), "== 1 ERROR: AddressSanitizer"])
def test_what_is_no_line_is_a_fault(line):
    assert fault_of(line) != ""


def test_the_plain_template_differs_by_the_data_stream_alone():
    whole, plain = (json.loads((STORE / name).read_text()) for name in ("index_template.json", "index_template_plain.json"))
    assert whole.pop("data_stream") == {}
    assert whole == plain


def test_both_lifecycles_keep_30_days():
    elasticsearch = json.loads((STORE / "lifecycle_elasticsearch.json").read_text())["policy"]["phases"]
    opensearch = json.loads((STORE / "lifecycle_opensearch.json").read_text())["policy"]
    assert elasticsearch["delete"] == {"min_age": "30d", "actions": {"delete": {}}}
    (hot, delete) = opensearch["states"]
    assert hot["transitions"] == [{"state_name": "delete", "conditions": {"min_rollover_age": "30d"}}]
    assert delete["actions"] == [{"delete": {}}]
    assert elasticsearch["hot"]["actions"]["rollover"]["max_age"] == hot["actions"][0]["rollover"]["min_index_age"] == "1d"


def test_kibanas_objects_are_whole():
    """Kibana itself does not run here: what can be held is that every line is an object, what it refers to is there, and that what it
    asks for is a field that can be asked for."""
    objects = [json.loads(line) for line in (LOGS / "kibana.ndjson").read_text().splitlines()]
    known = {(each["type"], each["id"]) for each in objects}
    assert len(known) == len(objects)
    assert {each["type"] for each in objects} == {"index-pattern", "search", "visualization", "dashboard"}
    for each in objects:
        assert each["attributes"]["title"]
        for reference in each["references"]:
            assert (reference["type"], reference["id"]) in known, (each["id"], reference)
        for key, text in nested_json(each["attributes"]):
            asked = re.findall(r'"field": ?"([^"]+)"', text) + re.findall(r"([\w@.]+) ?: ?[*\"]", text if key == "query" else "")
            assert set(asked) <= MAPPING["properties"].keys(), (each["id"], asked)
    assert [each["attributes"]["title"] for each in objects if each["type"] == "search"] == ["One request by its id"]


def nested_json(attributes):
    """The values that are JSON within a string, each of which has to be readable, and the queries in them."""
    for key, value in attributes.items():
        if isinstance(value, dict):
            yield from nested_json(value)
        elif key.endswith("JSON") or key == "visState":
            made = json.loads(value)
            yield key, json.dumps(made)
            if isinstance(made, dict) and made.get("query", {}).get("query"):
                yield "query", made["query"]["query"]
