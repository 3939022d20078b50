# SPDX-License-Identifier: Apache-2.0
"""Patroni sets what a standby must have as its primary has it; it is what the server's own file says."""

import re

import yaml

from harness.packages import REPOSITORY

DATA = REPOSITORY / "deployments" / "data"


def test_patroni_sets_what_the_configuration_says():
    said = (DATA / "postgresql" / "postgresql.conf").read_text()
    parameters = yaml.safe_load((DATA / "patroni" / "patroni.yml").read_text())["bootstrap"]["dcs"]["postgresql"]["parameters"]
    assert parameters
    for name, value in parameters.items():
        assert re.findall(rf"^{name} = (\S+)$", said, re.MULTILINE) == [str(value)]
