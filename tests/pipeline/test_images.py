# SPDX-License-Identifier: Apache-2.0
"""The images in a registry: pushed, never replaced, found by digest, signed, described."""

from __future__ import annotations

import json
import re
import zlib

import pytest

from harness.container import docker
from harness.packages import REPOSITORY
from harness.processes import Session
from harness.registry import Registry

VERSION = (REPOSITORY / "VERSION").read_text().strip()
IMAGE = "micro-sayur/user-service"


def test_each_image_has_its_digest(pushed, run):
    line = re.compile(rf"{pushed.registry.address}/micro-sayur/([a-z-]+)@sha256:[0-9a-f]{{64}}")
    assert [line.fullmatch(each)[1] for each in pushed.lines()] == ["user-service", "notification-service", "postgres"]
    for line in pushed.lines():
        assert run("crane", "digest", f"{line.partition('@')[0]}:v{VERSION}").strip() == line.partition("@")[2]


def test_the_same_may_be_pushed_again(pushed, run, tmp_path):
    outputs = tmp_path / "outputs"
    run("tools/ci/push.sh", pushed.registry.address, tmp_path / "images.txt", GITHUB_OUTPUT=str(outputs))
    assert (tmp_path / "images.txt").read_text() == pushed.images.read_text()
    assert outputs.read_text().splitlines() == [line.rpartition("/")[2].replace("@", "=") for line in pushed.lines()]


def test_another_under_the_same_version_is_refused(run, tmp_path):
    """Somebody else pushed something under this version."""
    with Session() as session:
        registry = Registry(session)
        registry.start()
        other = f"{registry.address}/{IMAGE}:v{VERSION}"
        docker("tag", f"micro-sayur/notification-service:v{VERSION}", other)
        docker("push", other)
        before = run("crane", "digest", other)
        try:
            said = run("tools/ci/push.sh", registry.address, tmp_path / "images.txt", code=1)
        finally:
            docker("image", "rm", "--no-prune", other)
        assert f"{other} is another image already; raise VERSION" in said
        assert run("crane", "digest", other) == before


def test_a_registry_that_does_not_answer(run, tmp_path):
    said = run("tools/ci/push.sh", "127.0.0.1:1", tmp_path / "images.txt", code=1)
    docker("image", "rm", "--no-prune", f"127.0.0.1:1/{IMAGE}:v{VERSION}")
    assert f"127.0.0.1:1/{IMAGE}:v{VERSION} was not pushed" in said
    assert "connection refused" in said


def test_a_version_is_looked_up_once(pushed, run, tmp_path):
    outputs, file = tmp_path / "outputs", tmp_path / "images.txt"
    run("tools/ci/resolve.sh", pushed.registry.address, f"v{VERSION}", file, GITHUB_OUTPUT=str(outputs))
    assert file.read_text() == pushed.images.read_text()
    assert outputs.read_text() == f"images<<END\n{pushed.images.read_text()}END\n"
    # What staging was given goes on as it is, whatever the registry has by then.
    run("tools/ci/resolve.sh", "127.0.0.1:1", "v0.0.0", file, pushed.images.read_text().strip())
    assert file.read_text() == pushed.images.read_text()


def test_a_version_that_is_not_there(pushed, run, tmp_path):
    said = run("tools/ci/resolve.sh", pushed.registry.address, "v0.0.0", tmp_path / "images.txt", code=1)
    assert f"there is no {pushed.registry.address}/{IMAGE}:v0.0.0" in said


def test_one_job_gives_its_images_to_another(run, tmp_path):
    before = docker("image", "inspect", "--format", "{{.Id}}", f"{IMAGE}:v{VERSION}")
    run("tools/ci/images.sh", "save", tmp_path / "images.tar")
    run("tools/ci/images.sh", "load", tmp_path / "images.tar")
    assert docker("image", "inspect", "--format", "{{.Id}}", f"{IMAGE}:v{VERSION}") == before
    assert "there is no file" in run("tools/ci/images.sh", "load", tmp_path / "absent.tar", code=64)


def test_signatures_are_good(pushed, run):
    for line in pushed.lines():
        run("cosign", "verify", "--key", pushed.public, "--insecure-ignore-tlog=true", line)


def test_the_sbom_is_attested(pushed, run):
    for line in pushed.lines():
        said = run("cosign", "verify-attestation", "--type", "spdxjson", "--key", pushed.public, "--insecure-ignore-tlog=true", line)
        assert '"payloadType":"application/vnd.in-toto+json"' in said


def test_what_is_signed_is_not_signed_again(pushed, run):
    """A registry whose tags do not change takes no second signature."""
    signatures = [
        run("cosign", "triangulate", "--type", kind, line).strip() for line in pushed.lines() for kind in ("signature", "attestation")
    ]
    before = [run("crane", "digest", each) for each in signatures]
    run("tools/ci/sign.sh", pushed.images, pushed.sboms, COSIGN_KEY=str(pushed.private), COSIGN_PASSWORD="for this test")
    assert [run("crane", "digest", each) for each in signatures] == before


def test_nobody_signs(pushed, run):
    assert "say who signs" in run("tools/ci/sign.sh", pushed.images, pushed.sboms, code=64)


def test_another_key_signed_nothing(pushed, run, tmp_path):
    run("cosign", "generate-key-pair", folder=tmp_path, COSIGN_PASSWORD="x")
    said = run("cosign", "verify", "--key", tmp_path / "cosign.pub", "--insecure-ignore-tlog=true", pushed.lines()[0], code=None)
    assert "no matching signatures" in said or "invalid signature" in said


def test_without_an_sbom_nothing_is_signed(pushed, run, tmp_path):
    said = run("tools/ci/sign.sh", pushed.images, tmp_path, code=64, COSIGN_KEY=str(pushed.private), COSIGN_PASSWORD="for this test")
    assert "user-service.spdx.json" in said


def test_the_sbom_names_what_is_inside(pushed):
    for file in pushed.sboms.iterdir():
        packages = {each["name"]: each.get("versionInfo", "") for each in json.loads(file.read_text())["packages"]}
        inside = {"pgbackrest", "python3"} if file.name == "postgres.spdx.json" else {"libssl3", "libstdc++6"}
        assert inside | {"libc6"} <= packages.keys(), file


@pytest.mark.parametrize(("fixed", "code"), [("F", 1), (" ", 0)])
def test_faults_that_debian_has_mended_are_found(run, tmp_path, fixed, code):
    """Debian's list, here with one line: a fault of every openssl."""
    lines = ["VERSION 1", "CVE-2099-0001,,an example", "", f"openssl,0,SHR{fixed},99.0,", "", "openssl,libssl3 openssl", ""]
    (tmp_path / "bookworm").write_bytes(zlib.compress("\n".join(lines).encode() + b"\n"))
    said = run("tools/ci/scan.sh", code=code, DEBSECAN_SOURCE=tmp_path.as_uri())
    assert ("CVE-2099-0001" in said) == bool(code)
    assert said.count("build it again" if code else "no fault known") == 3


def test_a_list_that_cannot_be_read_is_no_clean_bill(run, tmp_path):
    assert "could not be read" in run("tools/ci/scan.sh", code=1, DEBSECAN_SOURCE=tmp_path.as_uri())
