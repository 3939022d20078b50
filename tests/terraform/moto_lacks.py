# SPDX-License-Identifier: Apache-2.0
"""What moto cannot do, by name and with the reason. Everything else of an environment is planned, applied, planned again and
destroyed; test_moto.py fails when moto has learnt one of these, so that the list gets shorter."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Lack:
    """Resources of a module that are left out, since moto's `service` has no `operation`."""

    module: str
    resources: tuple[str, ...]
    service: str
    operation: str
    absent: str = "for_each = {}"


@dataclass(frozen=True)
class Change:
    """A block of a module that has to be another here."""

    module: str
    block: str
    arguments: str
    reason: str


@dataclass(frozen=True)
class Forgets:
    """Attributes that moto takes and does not give back as they were, which a second plan would set again."""

    module: str
    resources: tuple[str, ...]
    attributes: str
    reason: str


LACKS = (
    Lack("eks", ("aws_eks_addon.before_nodes", "aws_eks_addon.after_nodes"), "eks", "create_addon"),
    Lack("eks", ("aws_eks_access_entry.administrator", "aws_eks_access_entry.deployer"), "eks", "create_access_entry"),
    Lack(
        "eks",
        ("aws_eks_access_policy_association.administrator", "aws_eks_access_policy_association.deployer"),
        "eks",
        "associate_access_policy",
    ),
    Lack("eks", ("aws_eks_pod_identity_association.this",), "eks", "create_pod_identity_association"),
    Lack("cache", ("aws_elasticache_parameter_group.this",), "elasticache", "create_cache_parameter_group"),
    Lack("cache", ("aws_elasticache_user_group.this",), "elasticache", "create_user_group"),
    Lack("cache", ("aws_elasticache_subnet_group.this",), "elasticache", "delete_cache_subnet_group"),
    Lack(
        "database",
        ("aws_db_instance_automated_backups_replication.this",),
        "rds",
        "start_db_instance_automated_backups_replication",
        "count = 0",
    ),
    Lack("backup", ("aws_backup_selection.this",), "backup", "create_backup_selection"),
    Lack("backup", ("aws_backup_vault_notifications.this",), "backup", "put_backup_vault_notifications"),
    Lack("environment", ("aws_budgets_budget.monthly",), "budgets", "describe_subscribers_for_notification"),
)

NO_SUCH_GROUP = "moto's EKS names a security group of the cluster that moto's EC2 does not know"
NO_MEMBERS = "moto's ElastiCache makes no members of a replication group, which the provider looks for"
FROM_ANYWHERE_INSIDE = 'referenced_security_group_id = null\n  cidr_ipv4 = "10.0.0.0/8"'

CHANGES = (
    Change(
        "cache",
        'resource "aws_elasticache_replication_group" "this"',
        'for_each = {}\n  parameter_group_name = "default.redis7"\n  subnet_group_name = "default"\n  user_group_ids = []',
        NO_MEMBERS,
    ),
    Change(
        "database",
        'resource "aws_db_instance" "replica"',
        "count = 0",
        "moto's RDS gives every instance the same resource id, by which the provider looks",
    ),
    Change(
        "bucket",
        'resource "aws_s3_bucket_policy" "this"',
        "count = 0",
        "moto's S3 reads no condition: what may not come without TLS may not come at all",
    ),
    Change("cache", 'output "host"', 'value = "redis.example"', NO_MEMBERS),
    Change("cache", 'output "port"', "value = 6379", NO_MEMBERS),
    *(
        Change(module, 'resource "aws_vpc_security_group_ingress_rule" "this"', FROM_ANYWHERE_INSIDE, NO_SUCH_GROUP)
        for module in ("broker", "cache", "database")
    ),
)

FORGETS = (
    Forgets("eks", ("aws_eks_cluster.this",), "access_config, upgrade_policy", "moto's EKS stores neither"),
    Forgets(
        "eks",
        ("aws_eks_node_group.this",),
        "scaling_config[0].desired_size, remote_access, update_config",
        "moto's EKS makes up a key for remote access, and stores no update_config; the first is ignored by the module itself",
    ),
    Forgets("eks", ("aws_launch_template.node",), "tag_specifications", "moto's EC2 returns the template's own tags among them"),
    Forgets(
        "database",
        ("aws_db_instance.primary",),
        "performance_insights_enabled, performance_insights_kms_key_id, performance_insights_retention_period, "
        "final_snapshot_identifier, snapshot_identifier, restore_to_point_in_time, db_name, username, kms_key_id",
        "moto's RDS stores none of the first three; the others are ignored by the module itself",
    ),
    Forgets("mail", ("aws_iam_user.smtp",), "permissions_boundary", "moto's IAM says it of roles only"),
    Forgets("database", ("aws_db_parameter_group.this",), "parameter", "moto's RDS does not say which parameters a user has set"),
    Forgets(
        "backup",
        ("aws_backup_vault.this", "aws_backup_vault.copy", "aws_backup_plan.this"),
        "tags, tags_all",
        "moto's Backup does not give tags back",
    ),
)

# Of the roots without an environment. Buckets are asked for by path, since moto has one address only.
BY_PATH = """provider "aws" {
  s3_use_path_style = true
}
provider "aws" {
  alias             = "backup"
  s3_use_path_style = true
}
"""
BOOTSTRAP = (
    BY_PATH
    + """resource "aws_s3_bucket_replication_configuration" "state" {
  lifecycle {
    ignore_changes = [rule] # moto's S3 does not give source_selection_criteria back
  }
}
"""
)


def leave_out(modules: Path) -> None:
    """Writes a file moto_override.tf into each module that has something of the lists; Terraform merges it over the module."""
    texts: dict[str, str] = {}
    for lack in LACKS:
        for resource in lack.resources:
            kind, name = resource.split(".")
            texts[lack.module] = texts.get(lack.module, "") + f'resource "{kind}" "{name}" {{\n  {lack.absent}\n}}\n'
    for change in CHANGES:
        texts[change.module] = texts.get(change.module, "") + f"{change.block} {{\n  {change.arguments}\n}}\n"
    for forgets in FORGETS:
        for resource in forgets.resources:
            kind, name = resource.split(".")
            ignored = f"lifecycle {{\n    ignore_changes = [{forgets.attributes}]\n  }}"
            texts[forgets.module] = texts.get(forgets.module, "") + f'resource "{kind}" "{name}" {{\n  {ignored}\n}}\n'
    for module, text in texts.items():
        (modules / module / "moto_override.tf").write_text(text)
