# SPDX-License-Identifier: Apache-2.0
"""What tools/ci/terraform.sh ENVIRONMENT config does with what Terraform tells it; test_environments.py has it with a real state."""

from __future__ import annotations

import pytest
from workspace import BUCKET, Workspace

TOLD = "db.host=db.example\nrabbitmq.host={}\naws.host={}\naws.region=ap-southeast-3\n"


@pytest.fixture
def config(tmp_path):
    """config(BROKER, code): with a `terraform` that tells this host of RabbitMQ, and that the gateway is called `host`."""
    made = Workspace(tmp_path)
    programs = tmp_path / "programs"
    programs.mkdir()
    authority = tmp_path / "authority.pem"
    authority.write_text("-----BEGIN CERTIFICATE-----\n")

    def run(broker: str, code: int, host: str = "api.staging.micro-sayur.com") -> str:
        (programs / "terraform").write_text(
            f"#!/bin/sh\ncase $* in *app_config) printf '{TOLD.format(broker, host)}' ;; *region) echo ap-southeast-3 ;; esac\n"
        )
        (programs / "terraform").chmod(0o755)
        path = f"{programs}:{made.environment['PATH']}"
        return made.run(
            "tools/ci/terraform.sh", "staging", "config", code=code, PATH=path, TF_STATE_BUCKET=BUCKET, RDS_AUTHORITY=authority.as_uri()
        )

    run.file = made.folder / "deployments/k8s/overlays/aws-staging/aws/aws.properties"
    return run


def test_a_server_without_an_address_is_refused(config):
    before = config.file.read_text()
    assert "the state of staging has nothing for rabbitmq.host" in config("", 1)
    assert config.file.read_text() == before


def test_one_with_an_address_is_written(config):
    config("broker.example", 0)
    assert "rabbitmq.host=broker.example\n" in config.file.read_text()


def test_a_host_to_which_the_gateway_does_not_answer_is_refused(config):
    before = config.file.read_text()
    assert "the gateway does not answer to api.elsewhere.example" in config("broker.example", 1, host="api.elsewhere.example")
    assert config.file.read_text() == before
