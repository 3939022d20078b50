# SPDX-License-Identifier: Apache-2.0
"""Wrong variables: refused before anything is made, with a sentence that says what to do."""

from __future__ import annotations

import pytest
from workspace import BUCKET, VARIABLES, Workspace

from harness.minio import Minio
from harness.moto import Moto
from harness.processes import Session

SCRIPT = "tools/ci/terraform.sh"
PRODUCTION = [
    ({"TF_VAR_vpc_cidr": "10.0.0.0/24"}, "Choose a network between /16 and /20, such as 10.0.0.0/16."),
    ({"TF_VAR_vpc_cidr": "10.0.0.1/16"}, "vpc_cidr must be the first address of its network"),
    ({"TF_VAR_name_suffix": "second"}, "name_suffix must be empty, or a hyphen and"),
    ({"TF_VAR_secret_generations": '{"jwt-keys": 2}'}, "Terraform makes no other password."),
    ({"TF_VAR_client_security_group_ids": '["runner"]'}, "by their id, such as sg-0123456789abcdef0."),
    ({"TF_VAR_database_restore": '{"automated_backups_arn": "ab-1"}'}, "aws rds describe-db-instance-automated-backups lists them."),
    ({"TF_VAR_vpc_cidr": "11.0.0.0/16"}, "take one inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16."),
    ({"TF_VAR_region": "us-west-1"}, "Region us-west-1 offers 2 availability zones; set region to one with at least three"),
    ({"TF_VAR_region": "Jakarta"}, "region must be a region of AWS such as ap-southeast-1."),
    ({"TF_VAR_backup_region": "ap-southeast-3"}, "backup_region must be a region of AWS other than region"),
    ({"TF_VAR_database_backup_retention_days": "7"}, "Set it to 14 or more."),
    ({"TF_VAR_backup_retention_days": "14"}, "Set it to 35 or more."),
    ({"TF_VAR_api_allowed_cidrs": '["0.0.0.0/0"]'}, "the whole internet is not to reach the Kubernetes API."),
    ({"TF_VAR_administrator_role_arns": "[]"}, "must name at least one IAM role"),
    ({"TF_VAR_github_repository": "owner"}, "github_repository must be OWNER/NAME"),
    ({"TF_VAR_alert_email": "nobody"}, "must be an address that somebody reads"),
    ({"TF_VAR_monthly_budget_usd": "0"}, "must be more than 0"),
    ({"TF_VAR_domain_name": "Micro-Sayur"}, "must be a domain in small letters"),
]


@pytest.fixture(scope="module")
def production(tmp_path_factory):
    with Session() as session:
        moto, minio = Moto(session), Minio(session)
        moto.start()
        minio.start()
        keys = {"AWS_ACCESS_KEY_ID": minio.user, "AWS_SECRET_ACCESS_KEY": minio.password}
        endpoints = {"AWS_ENDPOINT_URL": moto.url, "AWS_ENDPOINT_URL_S3": minio.url}
        made = Workspace(tmp_path_factory.mktemp("refusals"), keys | endpoints | {"TF_STATE_BUCKET": BUCKET} | VARIABLES)
        (minio.directory / "data" / BUCKET).mkdir()
        made.environment["TF_CLI_ARGS_init"] = "-backend-config=use_path_style=true"
        yield made


@pytest.mark.parametrize(("variables", "sentence"), PRODUCTION, ids=lambda each: str(each)[:60])
def test_refused(production, variables, sentence):
    said = production.run(SCRIPT, "production", "plan", code=1, **variables)
    assert sentence in " ".join(said.split())


def test_a_short_retention_is_fine_in_staging(production):
    said = production.run(SCRIPT, "staging", "plan", TF_VAR_database_backup_retention_days="3")
    assert "0 to change, 0 to destroy" in said


@pytest.mark.parametrize(
    ("words", "variables", "sentence"),
    [
        (["nowhere", "plan"], {}, 'there is no environment "nowhere"; there are: production staging'),
        (["staging", "explode"], {}, 'there is no "explode"'),
        (["staging"], {}, "say which environment and what to do"),
        (["staging", "apply", "--plan", "absent"], {}, "there is no plan"),
        (["staging", "plan"], {"TF_STATE_BUCKET": ""}, "set TF_STATE_BUCKET to the bucket that"),
    ],
)
def test_the_script_says_what_it_wants(production, words, variables, sentence):
    assert sentence in production.run(SCRIPT, *words, code=64, **variables)
