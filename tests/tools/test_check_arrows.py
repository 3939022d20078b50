# SPDX-License-Identifier: Apache-2.0
"""The build refuses includes against the direction of the arrows."""

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "cmake" / "check_arrows.cmake"
ARROWS = """
set(OWNED "platform/base;platform/sql;services/shop/adapters")
set("ALLOWED_platform/base" "platform/base")
set("ALLOWED_platform/sql" "platform/sql;platform/base")
set("ALLOWED_services/shop/adapters" "services/shop/adapters;platform/sql;platform/base")
"""


@pytest.fixture
def check(tmp_path):
    headers = ["platform/base/uuid.hpp", "platform/sql/database.hpp", "services/shop/domain/price.hpp"]
    for header in [*headers, "services/shop/adapters/store.hpp"]:
        (tmp_path / header).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / header).write_text("#pragma once\n")
    (tmp_path / "arrows.cmake").write_text(ARROWS)

    def run(file: str, include: str) -> subprocess.CompletedProcess:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(f"// what a file does\n#include {include}\n")
        command = ["cmake", f"-DSOURCE_DIR={tmp_path}", f"-DARROWS={tmp_path / 'arrows.cmake'}", "-P", str(SCRIPT)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    return run


@pytest.mark.parametrize(
    ("file", "include"),
    [
        ("platform/sql/database.cpp", '"platform/base/uuid.hpp"'),
        ("platform/base/uuid.cpp", "<vector>"),
        ("services/shop/adapters/store.cpp", '"platform/sql/database.hpp"'),
        ("services/shop/domain/cart.cpp", '"shop/domain/price.hpp"'),
        ("services/shop/app/buy.cpp", '"shop/domain/price.hpp"'),
    ],
)
def test_an_include_along_the_arrows_is_allowed(check, file, include):
    assert check(file, include).returncode == 0


@pytest.mark.parametrize(
    ("file", "include"),
    [
        ("platform/base/uuid.cpp", '"platform/sql/database.hpp"'),
        ("platform/base/uuid.cpp", '"shop/domain/price.hpp"'),
        ("services/shop/domain/cart.cpp", '"platform/sql/database.hpp"'),
        ("services/shop/domain/cart.cpp", "<boost/asio/post.hpp>"),
        ("services/shop/domain/cart.cpp", '"shop/adapters/store.hpp"'),
        ("services/shop/app/buy.cpp", '"shop/adapters/store.hpp"'),
        ("services/shop/app/buy.cpp", "<boost/json.hpp>"),
        ("services/other/adapters/client.cpp", '"shop/domain/price.hpp"'),
        ("services/other/main.cpp", '"shop/domain/price.hpp"'),
    ],
)
def test_an_include_against_the_arrows_fails_and_names_the_file(check, file, include):
    run = check(file, include)
    assert run.returncode != 0
    assert file in run.stderr
