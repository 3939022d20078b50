# SPDX-License-Identifier: Apache-2.0
variable "environment" {
  description = "staging or production."
  type        = string

  validation {
    condition     = contains(["staging", "production"], var.environment)
    error_message = "environment must be staging or production; development runs on a machine of its own (./sayur compose up)."
  }
}

variable "domain_name" {
  description = "Domain of the environment; the service is api.DOMAIN."
  type        = string
}

variable "vpc_cidr" {
  description = "Addresses of the VPC."
  type        = string
}

variable "github_repository" {
  description = "Repository whose workflows may deploy."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "github_repository must be OWNER/NAME: whoever it names may deploy here, so it must be exact."
  }
}

variable "alert_email" {
  description = "Who hears of budgets, failed backups and DMARC reports."
  type        = string

  validation {
    condition     = can(regex("^[^@[:space:]]+@[^@[:space:]]+\\.[^@[:space:]]+$", var.alert_email))
    error_message = "alert_email must be an address that somebody reads, such as operations@micro-sayur.com."
  }
}

variable "monthly_budget_usd" {
  description = "Above four fifths of it a notice is sent."
  type        = number

  validation {
    condition     = var.monthly_budget_usd > 0
    error_message = "monthly_budget_usd must be more than 0; docs/operations/aws.md estimates what the environment costs."
  }
}

variable "kubernetes_version" {
  description = "Minor version of Kubernetes."
  type        = string
}

variable "administrator_role_arns" {
  description = "IAM roles whose holders administer the cluster."
  type        = list(string)
}

variable "api_allowed_cidrs" {
  description = "Networks that reach the Kubernetes API from outside the VPC."
  type        = list(string)
}

variable "client_security_group_ids" {
  description = "Security groups, besides the cluster's own, whose members reach the Kubernetes API."
  type        = set(string)
}

variable "gateway_api" {
  description = "Whether the definitions of Gateway API are in the cluster."
  type        = bool
}

variable "name_suffix" {
  description = "What tells this environment's names from those of a lost one in another region."
  type        = string

  validation {
    condition     = can(regex("^(-[a-z0-9]{1,8})?$", var.name_suffix))
    error_message = "name_suffix must be empty, or a hyphen and one to eight small letters or digits, such as -2."
  }
}

variable "node_instance_types" {
  description = "Instance types of the nodes."
  type        = list(string)
}

variable "nodes" {
  description = "Least and most nodes."
  type        = object({ least = number, most = number })
}

variable "database" {
  description = "PostgreSQL: see modules/database."
  type = object({
    instance_class        = string
    max_connections       = number
    storage_gib           = number
    multi_az              = bool
    replicas              = number
    backup_retention_days = number
    replicate_backups     = bool
    restore               = object({ snapshot_identifier = optional(string), automated_backups_arn = optional(string) })
  })
}

variable "cache" {
  description = "Redis: see modules/cache."
  type        = object({ node_type = string, nodes = number })
}

variable "broker" {
  description = "RabbitMQ: see modules/broker."
  type        = object({ instance_type = string, deployment_mode = string })
}

variable "backup_retention_days" {
  description = "How long daily backups and their copies are kept."
  type        = number
}

variable "secret_generations" {
  description = "Entry -> generation of its password; one more makes it anew."
  type        = map(number)
}

variable "deletion_protection" {
  description = "Whether the database refuses to be deleted and deleted secrets can be called back."
  type        = bool
}
