#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Copies a bucket that keeps versions into another, as it was at a moment: before somebody deleted or overwrote what is in it. Wants boto3,
and a login that reads versions of the one and writes to the other."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

import boto3


def moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f'"{text}" is no time such as 2026-11-29T21:15:00Z') from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def as_of(client, bucket: str, at: datetime) -> dict[str, str]:
    """Key -> the version that was the latest one then; without those that were deleted then."""
    newest: dict[str, dict] = {}
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for each in (*page.get("Versions", []), *page.get("DeleteMarkers", [])):
            known = newest.get(each["Key"])
            if each["LastModified"] <= at and (known is None or each["LastModified"] > known["LastModified"]):
                newest[each["Key"]] = each
    return {key: each["VersionId"] for key, each in newest.items() if "Size" in each}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", help="the bucket")
    parser.add_argument("target", help="an empty bucket, in any region")
    parser.add_argument("at", type=moment, help="when, such as 2026-11-29T21:15:00Z")
    asked = parser.parse_args()
    anywhere = boto3.client("s3")

    def beside(bucket: str):
        return boto3.client("s3", region_name=anywhere.get_bucket_location(Bucket=bucket)["LocationConstraint"] or "us-east-1")

    source, target = beside(asked.source), beside(asked.target)
    if target.list_objects_v2(Bucket=asked.target, MaxKeys=1)["KeyCount"]:
        parser.error(f"{asked.target} is not empty")
    found = as_of(source, asked.source, asked.at)
    for key, version in found.items():
        target.copy({"Bucket": asked.source, "Key": key, "VersionId": version}, asked.target, key, SourceClient=source)
    print(f"{len(found)} objects of {asked.source}, as they were at {asked.at.isoformat()}, are in {asked.target}")


if __name__ == "__main__":
    main()
