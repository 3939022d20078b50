# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the tests of Terraform."""

import boto3
import pytest
from botocore.config import Config
from moto_lacks import BOOTSTRAP, leave_out
from workspace import BUCKET, REGION, TERRAFORM, VARIABLES, Workspace

from harness.minio import Minio
from harness.moto import Moto
from harness.processes import Session


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return Workspace(tmp_path_factory.mktemp("terraform"))


@pytest.fixture(scope="session")
def servers():
    with Session() as session:
        moto, minio = Moto(session), Minio(session)
        moto.start()
        minio.start()
        yield moto, minio


@pytest.fixture(scope="session")
def client(servers):
    """client(SERVICE, region): boto3's, which asks moto; of MinIO for "state"."""
    moto, minio = servers

    def make(service: str, region: str = REGION):
        url = minio.url if service == "state" else moto.url
        return boto3.client(
            "s3" if service == "state" else service,
            endpoint_url=url,
            region_name=region,
            aws_access_key_id=minio.user,
            aws_secret_access_key=minio.password,
            config=Config(s3={"addressing_style": "path"}),
        )

    make("state").create_bucket(Bucket=BUCKET)
    return make


@pytest.fixture(scope="session")
def shared(servers, tmp_path_factory):
    """The root bootstrap, applied: the environments find GitHub's identity and the boundary of roles there."""
    moto, minio = servers
    keys = {"AWS_ACCESS_KEY_ID": minio.user, "AWS_SECRET_ACCESS_KEY": minio.password, "AWS_ENDPOINT_URL": moto.url}
    made = Workspace(tmp_path_factory.mktemp("shared"), keys | {"TF_VAR_state_bucket": BUCKET, **VARIABLES})
    leave_out(made.folder / TERRAFORM / "modules")
    (made.folder / TERRAFORM / "bootstrap/moto_override.tf").write_text(BOOTSTRAP)
    made.init("bootstrap")
    made.terraform("bootstrap", "apply", "-auto-approve", "-input=false")
    return made
