# SPDX-License-Identifier: Apache-2.0
variable "region" {
  description = "Region of the environment; it must have three zones."
  type        = string
  default     = "ap-southeast-3"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be a region of AWS such as ap-southeast-1."
  }
}

variable "backup_region" {
  description = "Second region, for copies."
  type        = string
  default     = "ap-southeast-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.backup_region)) && var.backup_region != var.region
    error_message = "backup_region must be a region of AWS other than region: copies in the same region are lost with what they are copies of."
  }
}

variable "domain_name" {
  description = "Domain of the environment; the service is api.DOMAIN."
  type        = string
  default     = "micro-sayur.com"
}

variable "vpc_cidr" {
  description = "Addresses of the VPC, between /16 and /20."
  type        = string
  default     = "10.0.0.0/16"
}

variable "github_repository" {
  description = "OWNER/NAME of the repository whose workflows deploy."
  type        = string
}

variable "alert_email" {
  description = "Who hears of budgets, failed backups and DMARC reports."
  type        = string
}

variable "monthly_budget_usd" {
  description = "Above four fifths of it a notice is sent."
  type        = number
  default     = 3000
}

variable "administrator_role_arns" {
  description = "IAM roles whose holders administer the cluster."
  type        = list(string)
}

variable "api_allowed_cidrs" {
  description = "Networks that reach the Kubernetes API from outside the VPC; none: it is private."
  type        = list(string)
  default     = []
}

variable "database_backup_retention_days" {
  description = "How many days back any second of the database can be restored."
  type        = number
  default     = 35
}

variable "backup_retention_days" {
  description = "How long daily backups and their copies in the second region are kept."
  type        = number
  default     = 90
}

variable "database_replicate_backups" {
  description = "Whether the database's log is copied to backup_region; docs/operations/aws.md asks RDS whether it can be."
  type        = bool
  default     = true
}

variable "database_restore" {
  description = "What a new database begins with: { snapshot_identifier = … } or { automated_backups_arn = … }; one that exists stays as it is."
  type        = object({ snapshot_identifier = optional(string), automated_backups_arn = optional(string) })
  default     = {}
}

variable "client_security_group_ids" {
  description = "Security groups, besides the cluster's own, whose members reach the Kubernetes API: that of the pipeline's runner."
  type        = set(string)
  default     = []
}

variable "gateway_api" {
  description = "Whether the definitions of Gateway API are in the cluster, so that external-dns can look at routes: true from the second apply on."
  type        = bool
  default     = false
}

variable "name_suffix" {
  description = "What tells this environment's names from those of a lost one in another region."
  type        = string
  default     = ""
}

variable "secret_generations" {
  description = "Entry -> generation of its password, 1 where it is not named; one more makes it anew."
  type        = map(number)
  default     = {}
}

variable "deletion_protection" {
  description = "Whether the database refuses to be deleted and deleted secrets can be called back."
  type        = bool
  default     = true
}
