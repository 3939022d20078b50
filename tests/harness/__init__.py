# SPDX-License-Identifier: Apache-2.0
"""Real servers for tests: PostgreSQL, Redis and RabbitMQ from Debian's packages, on loopback, in temporary directories."""
