# SPDX-License-Identifier: Apache-2.0
"""JSON schemas of custom resources, as kubeconform wants them, out of the definitions that the lab installs."""

from __future__ import annotations

import json
import os
from pathlib import Path

import yaml

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
DEFINITIONS = [CACHE / "k8s-lab" / "crds", CACHE / "k8s-lab" / "crds-extra"]
BUILT_IN = CACHE / "lab-tools" / "schemas" / "v1.32"  # the oldest that docs/operations/kubernetes.md names


class Loader(yaml.CSafeLoader):
    """Takes a plain "=", which YAML 1.1 gives a meaning of its own, for the text that it is."""


Loader.add_constructor("tag:yaml.org,2002:value", lambda loader, node: loader.construct_scalar(node))


def closed(schema: object) -> object:
    """Fields that a definition does not name are refused, as the API server would drop them."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: closed(value) for key, value in schema.items()}
    open_to_all = schema.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in schema
    if isinstance(schema.get("properties"), dict) and not open_to_all:
        made["additionalProperties"] = False
    return made


def write_schemas(folder: Path) -> int:
    """KIND-GROUP-VERSION.json of every definition; returns how many."""
    count = 0
    for path in (path for source in DEFINITIONS for path in source.glob("*.yaml")):
        for definition in yaml.load_all(path.read_text(), Loader):
            if not definition or definition["kind"] != "CustomResourceDefinition":
                continue
            spec = definition["spec"]
            for version in spec["versions"]:
                schema = closed(version["schema"]["openAPIV3Schema"])
                schema["properties"] |= {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"}}
                name = f"{spec['names']['kind']}-{spec['group']}-{version['name']}.json".lower()
                (folder / name).write_text(json.dumps(schema))
                count += 1
    return count
