# SPDX-License-Identifier: Apache-2.0
output "vault_arn" {
  description = "Vault of the backups."
  value       = aws_backup_vault.this.arn
}

output "copy_vault_arn" {
  description = "Vault of the copies in the second region."
  value       = aws_backup_vault.copy.arn
}
