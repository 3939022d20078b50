# SPDX-License-Identifier: Apache-2.0
"""Each environment on moto, its state in MinIO: planned, applied, planned again (nothing to do), and destroyed, by the script that
the pipeline calls. What moto cannot do is in moto_lacks.py."""

from __future__ import annotations

import json

import pytest
from moto_lacks import leave_out
from workspace import BACKUP_REGION, BUCKET, ENVIRONMENTS, REGION, TERRAFORM, VARIABLES, Workspace

from harness.packages import REPOSITORY

pytestmark = pytest.mark.timeout(1500)
SCRIPT = "tools/ci/terraform.sh"
PATH_STYLE = "-backend-config=use_path_style=true"


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def environment(request):
    return request.param


@pytest.fixture(scope="module")
def applied(environment, servers, client, shared, tmp_path_factory):
    moto, minio = servers
    made = Workspace(
        tmp_path_factory.mktemp(environment),
        {
            "AWS_ACCESS_KEY_ID": minio.user,
            "AWS_SECRET_ACCESS_KEY": minio.password,
            "AWS_ENDPOINT_URL": moto.url,
            "AWS_ENDPOINT_URL_S3": minio.url,
            "AWS_MAX_ATTEMPTS": "6",
            "TF_STATE_BUCKET": BUCKET,
            "TF_CLI_ARGS_init": PATH_STYLE,
            **VARIABLES,
        },
    )
    leave_out(made.folder / TERRAFORM / "modules")
    said = made.run(SCRIPT, environment, "plan", "--out", "first.tfplan", "--text", "first.txt")
    assert "0 to change, 0 to destroy" in said
    made.run(SCRIPT, environment, "apply", "--plan", "first.tfplan")
    yield made
    # Where the last test was not run: moto gives every PostgreSQL the same resource id, so the next environment must find none.
    if client("rds").describe_db_instances()["DBInstances"]:
        made.run(SCRIPT, environment, "apply", TF_VAR_deletion_protection="false")
        made.run(SCRIPT, environment, "destroy", TF_VAR_deletion_protection="false")


def name_of(environment: str) -> str:
    return f"micro-sayur-{environment}"


def test_the_module_secrets(servers, tmp_path):
    """On moto: `terraform test` cannot mock what is ephemeral, and with that the passwords are made."""
    moto, minio = servers
    keys = {"AWS_ACCESS_KEY_ID": minio.user, "AWS_SECRET_ACCESS_KEY": minio.password, "AWS_ENDPOINT_URL": moto.url, "AWS_REGION": REGION}
    made = Workspace(tmp_path, keys)
    made.init("modules/secrets")
    assert "0 failed" in made.terraform("modules/secrets", "test")


def test_a_second_plan_is_empty(applied, environment):
    assert "is as it is written" in applied.run(SCRIPT, environment, "drift")


def test_drift_is_seen(applied, environment, client):
    """Somebody changes something by hand."""
    ec2 = client("ec2")
    (group,) = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": [f"{name_of(environment)}-database"]}])[
        "SecurityGroups"
    ]
    (rule,) = (
        each["SecurityGroupRuleId"]
        for each in ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group["GroupId"]]}])["SecurityGroupRules"]
        if not each["IsEgress"]
    )
    ec2.revoke_security_group_ingress(GroupId=group["GroupId"], SecurityGroupRuleIds=[rule])
    said = applied.run(SCRIPT, environment, "drift", code=2)
    assert "is not as it is written" in said
    assert "module.database.aws_vpc_security_group_ingress_rule.this will be created" in said
    applied.run(SCRIPT, environment, "apply")
    applied.run(SCRIPT, environment, "drift")


def test_the_state_is_in_the_bucket_and_knows_no_password_it_need_not(applied, environment, client):
    state = client("state").get_object(Bucket=BUCKET, Key=f"{environment}/terraform.tfstate")["Body"].read().decode()
    assert json.loads(state)["version"] == 4
    for entry in ("admin", "database-owner", "user-service-database", "notification-service-database", "exporter-database"):
        kept = client("secretsmanager").get_secret_value(SecretId=f"micro-sayur/{environment}/{entry}")["SecretString"]
        password = json.loads(kept)["password"]
        assert len(password) == 40
        assert password not in state


def test_a_locked_state_is_left_alone(applied, environment, client):
    lock = {"ID": "0a", "Operation": "OperationTypeApply", "Who": "somebody@elsewhere", "Created": "2026-01-01T00:00:00Z", "Path": ""}
    key = f"{environment}/terraform.tfstate.tflock"
    client("state").put_object(Bucket=BUCKET, Key=key, Body=json.dumps(lock).encode())
    try:
        said = applied.run(SCRIPT, environment, "apply", code=1, TF_CLI_ARGS_apply="-lock-timeout=0s")
        assert "Error acquiring the state lock" in said
        assert "somebody@elsewhere" in said
    finally:
        client("state").delete_object(Bucket=BUCKET, Key=key)


def test_postgresql_is_closed_encrypted_and_backed_up(applied, environment, client):
    (primary,) = client("rds").describe_db_instances(DBInstanceIdentifier=name_of(environment))["DBInstances"]
    production = environment == "production"
    assert primary["EngineVersion"].startswith("15")
    assert (primary["StorageEncrypted"], primary["PubliclyAccessible"]) == (True, False)
    assert (primary["MultiAZ"], primary["DeletionProtection"]) == (production, production)
    assert primary["BackupRetentionPeriod"] == (35 if production else 7)
    parameters = client("rds").describe_db_parameters(DBParameterGroupName=f"{name_of(environment)}-postgres15")["Parameters"]
    assert {"rds.force_ssl": "1"}.items() <= {each["ParameterName"]: each.get("ParameterValue") for each in parameters}.items()


def test_rabbitmq_is_a_cluster_in_production(applied, environment, client):
    (summary,) = [each for each in client("mq").list_brokers()["BrokerSummaries"] if each["BrokerName"] == name_of(environment)]
    broker = client("mq").describe_broker(BrokerId=summary["BrokerId"])
    assert broker["DeploymentMode"] == ("CLUSTER_MULTI_AZ" if environment == "production" else "SINGLE_INSTANCE")
    assert (broker["EngineType"].upper(), broker["PubliclyAccessible"]) == ("RABBITMQ", False)


def test_the_cluster_is_private_and_encrypts_its_secrets(applied, environment, client):
    cluster = client("eks").describe_cluster(name=name_of(environment))["cluster"]
    assert cluster["resourcesVpcConfig"]["endpointPublicAccess"] is False
    assert cluster["resourcesVpcConfig"]["endpointPrivateAccess"] is True
    assert cluster["encryptionConfig"][0]["resources"] == ["secrets"]


def test_data_servers_have_no_way_out(applied, environment, client):
    ec2 = client("ec2")
    (table,) = ec2.describe_route_tables(Filters=[{"Name": "tag:Name", "Values": [f"{name_of(environment)}-data"]}])["RouteTables"]
    assert {route["GatewayId"] for route in table["Routes"]} == {"local"}
    assert len([each for each in table["Associations"] if each.get("SubnetId")]) == 3


def test_backups_have_a_copy_in_the_second_region(applied, environment, client):
    vaults = {
        region: {vault["BackupVaultName"] for vault in client("backup", region).list_backup_vaults()["BackupVaultList"]}
        for region in (REGION, BACKUP_REGION)
    }
    assert name_of(environment) in vaults[REGION]
    assert f"{name_of(environment)}-copy" in vaults[BACKUP_REGION]


def test_the_overlay_is_told_where_its_servers_are(applied, environment, client):
    folder = applied.folder / f"deployments/k8s/overlays/aws-{environment}/aws"
    authority = applied.folder / "authority.pem"
    authority.write_text("no certificate\n")
    assert "has no certificate; nothing was written" in applied.run(SCRIPT, environment, "config", code=1, RDS_AUTHORITY=authority.as_uri())
    authority.write_text("-----BEGIN CERTIFICATE-----\n")
    said = applied.run(SCRIPT, environment, "config", RDS_AUTHORITY=authority.as_uri())
    file = folder / "aws.properties"
    assert str(file.relative_to(applied.folder)) in said
    assert (folder / "rds-authority.pem").read_text() == authority.read_text()
    told = dict(line.split("=", 1) for line in file.read_text().splitlines() if not line.startswith("#"))
    (primary,) = client("rds").describe_db_instances(DBInstanceIdentifier=name_of(environment))["DBInstances"]
    assert told["db.host"] == primary["Endpoint"]["Address"]
    assert told["db.sslmode"] == "verify-full"
    assert (told["redis.tls"], told["rabbitmq.tls"], told["rabbitmq.port"]) == ("true", "true", "5671")
    assert told["aws.data.cidr"] == ("10.0.64.0/18" if environment == "production" else "10.1.64.0/18")
    domain = "micro-sayur.com" if environment == "production" else "staging.micro-sayur.com"
    assert (told["aws.host"], told["aws.region"], told["admin.email"]) == (f"api.{domain}", REGION, f"admin@{domain}")
    assert told["mail.smtputf8"] == "false"
    assert told["smtp.host"] == f"email-smtp.{REGION}.amazonaws.com"
    assert all(told.values()), told


def test_a_drill_may_touch_nothing_but_what_it_restores(applied, environment, client):
    """In staging; production has no drill."""
    iam, name = client("iam"), f"{name_of(environment)}-restore-drill"
    if environment == "production":
        assert name not in {role["RoleName"] for role in iam.list_roles()["Roles"]}
        return
    (trusted,) = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]["Statement"]
    assert trusted["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"] == "repo:owner/micro-sayur:ref:refs/heads/main"
    statements = iam.get_role_policy(RoleName=name, PolicyName="drill")["PolicyDocument"]["Statement"]
    may = {action: each["Resource"] for each in statements for action in each["Action"] if isinstance(each["Action"], list)}
    own = f"arn:aws:rds:{REGION}:123456789012:db:micro-sayur-staging-drill-*"
    assert may["rds:DeleteDBInstance"] == may["rds:ModifyDBInstance"] == own
    assert not any(action.startswith(("secretsmanager:", "rds:Create", "ec2:", "s3:")) or "*" in action for action in may)
    script = (REPOSITORY / "tools/ci/restore_drill.sh").read_text()
    assert "SOURCE=micro-sayur-staging\n" in script and "PREFIX=$SOURCE-drill-\n" in script


def test_mail_is_signed_for_the_domain(applied, environment, client):
    domain = "micro-sayur.com" if environment == "production" else "staging.micro-sayur.com"
    route53 = client("route53")
    (zone,) = [each for each in route53.list_hosted_zones()["HostedZones"] if each["Name"] == f"{domain}."]
    records = {(each["Name"], each["Type"]) for each in route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]}
    assert sum(name.endswith(f"._domainkey.{domain}.") for name, kind in records if kind == "CNAME") == 3
    assert {(f"_dmarc.{domain}.", "TXT"), (f"bounce.{domain}.", "MX"), (f"bounce.{domain}.", "TXT")} <= records


def test_a_lost_region_is_taken_over_by_the_second(applied, environment, client):
    """As docs/operations/aws.md has it, as far as moto goes: it copies no snapshot between regions, so one is made there."""
    if environment != "staging":
        return
    rds = client("rds", BACKUP_REGION)
    size = {"DBInstanceClass": "db.t3.micro", "AllocatedStorage": 20, "StorageEncrypted": True}
    rds.create_db_instance(
        DBInstanceIdentifier="lost", Engine="postgres", MasterUsername="of_the_lost", MasterUserPassword="password", **size
    )
    rds.create_db_snapshot(DBInstanceIdentifier="lost", DBSnapshotIdentifier="copied")
    rds.delete_db_instance(DBInstanceIdentifier="lost", SkipFinalSnapshot=True)
    (zone,) = [each["Id"].rpartition("/")[2] for each in client("route53").list_hosted_zones()["HostedZones"] if "staging" in each["Name"]]
    second = {
        "TF_STATE_KEY": "staging-2/terraform.tfstate",
        "TF_VAR_region": BACKUP_REGION,
        "TF_VAR_backup_region": "ap-southeast-2",
        "TF_VAR_name_suffix": "-2",
        "TF_VAR_database_restore": '{"snapshot_identifier":"copied"}',
    }
    applied.run(SCRIPT, environment, "plan", **second)
    applied.terraform(f"environments/{environment}", "import", "module.environment.module.dns.aws_route53_zone.this", zone, **second)
    said = applied.run(SCRIPT, environment, "apply", **second)
    assert "0 destroyed" in said
    (restored,) = rds.describe_db_instances()["DBInstances"]
    assert (restored["DBInstanceIdentifier"], restored["MasterUsername"]) == ("micro-sayur-staging-2", "of_the_lost")
    assert len([each for each in client("route53").list_hosted_zones()["HostedZones"] if "staging" in each["Name"]]) == 1
    # A restore takes no authority of certificates; the next apply sets it.
    applied.run(SCRIPT, environment, "apply", **second)
    # What it began with is said once: neither is it a change now, nor when it is not said any more.
    applied.run(SCRIPT, environment, "drift", **second)
    applied.run(SCRIPT, environment, "drift", **second | {"TF_VAR_database_restore": "{}"})
    # The zone is the first one's in this test.
    applied.terraform(f"environments/{environment}", "state", "rm", "module.environment.module.dns.aws_route53_zone.this", **second)
    applied.run(SCRIPT, environment, "destroy", **second)
    # Its records went with it, which the first one made as well.
    applied.run(SCRIPT, environment, "apply")


def test_what_is_protected_is_not_destroyed(applied, environment, client):
    if environment == "production":
        assert "production is protected" in applied.run(SCRIPT, environment, "destroy", code=1)
        applied.run(SCRIPT, environment, "drift")


def test_destroy_takes_everything_away_but_what_backups_need(applied, environment, client):
    aliases = {REGION: f"alias/{name_of(environment)}", BACKUP_REGION: f"alias/{name_of(environment)}-copy"}
    keys = [(region, client("kms", region).describe_key(KeyId=alias)["KeyMetadata"]["KeyId"]) for region, alias in aliases.items()]
    applied.run(SCRIPT, environment, "apply", TF_VAR_deletion_protection="false")
    assert "Destroy complete!" in applied.run(SCRIPT, environment, "destroy", TF_VAR_deletion_protection="false")
    state = client("state").get_object(Bucket=BUCKET, Key=f"{environment}/terraform.tfstate")["Body"].read()
    assert json.loads(state)["resources"] == []
    assert client("rds").describe_db_instances()["DBInstances"] == []
    assert {client("kms", region).describe_key(KeyId=key)["KeyMetadata"]["KeyState"] for region, key in keys} == {"Enabled"}
    vaults = {vault["BackupVaultName"] for vault in client("backup").list_backup_vaults()["BackupVaultList"]}
    assert (name_of(environment) in vaults) == (environment == "production")
    assert name_of(environment) not in client("eks").list_clusters()["clusters"]
