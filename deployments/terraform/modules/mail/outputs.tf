# SPDX-License-Identifier: Apache-2.0
output "smtp_host" {
  description = "SES's SMTP server, port 587 with STARTTLS."
  value       = "email-smtp.${data.aws_region.current.name}.amazonaws.com"
}

output "smtp_username" {
  description = "What notification-service logs in as."
  value       = aws_iam_access_key.smtp.id
}

output "smtp_password" {
  description = "Its password, derived from the access key."
  value       = aws_iam_access_key.smtp.ses_smtp_password_v4
  sensitive   = true
}
