# SPDX-License-Identifier: Apache-2.0
"""The two services as they were at the first commit of this work: their schemas, with rows, and their statements at work."""
