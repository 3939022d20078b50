# SPDX-License-Identifier: Apache-2.0
"""The state of backups as Prometheus reads it (text format 0.0.4)."""

from __future__ import annotations

from backup_schedule import FULL, INCREMENTAL, Repository

FAMILIES = {
    "sayur_backup_repository_usable": ("gauge", "1 when the repository answered when it was last asked."),
    "sayur_backup_last_completed_timestamp_seconds": (
        "gauge",
        "When the newest backup of this type that can be restored was completed, or 0.",
    ),
    "sayur_backup_last_size_bytes": ("gauge", "Size of the database in that backup."),
    "sayur_backup_archive_lag_seconds": ("gauge", "For how long the oldest WAL segment has waited that the repository does not have."),
    "sayur_backup_failures_total": ("counter", "Backups that failed."),
    "sayur_backup_lost_segments_total": ("counter", "WAL segments of before a promotion that nobody has any more."),
    "sayur_database_disk_free_bytes": ("gauge", "Room left on the disk that holds the database."),
}


class Samples:
    """One value for each family and set of labels."""

    def __init__(self) -> None:
        self._values: dict[str, dict[str, float]] = {name: {} for name in FAMILIES}

    def set(self, family: str, value: float, **labels: object) -> None:
        self._values[family][",".join(f'{key}="{text}"' for key, text in labels.items())] = value

    def text(self) -> str:
        lines = []
        for name, (kind, what) in FAMILIES.items():
            lines += [f"# HELP {name} {what}", f"# TYPE {name} {kind}"]
            lines += [
                f"{name}{f'{{{labels}}}' if labels else ''} {f'{value:g}' if value < 1e6 else f'{value:.0f}'}"
                for labels, value in self._values[name].items()
            ]
        return "\n".join(lines) + "\n"


def samples(repositories: list[Repository], lags: dict[int, float], failures: dict[int, int], disk_free: int, lost: int = 0) -> Samples:
    out = Samples()
    out.set("sayur_backup_lost_segments_total", lost)
    out.set("sayur_database_disk_free_bytes", disk_free)
    for repository in repositories:
        number = repository.number
        out.set("sayur_backup_repository_usable", 0 if repository.fault else 1, repository=number)
        out.set("sayur_backup_failures_total", failures.get(number, 0), repository=number)
        if number in lags:
            out.set("sayur_backup_archive_lag_seconds", lags[number], repository=number)
        for kind in (FULL, INCREMENTAL):
            # Whoever can restore from a later full backup has no need of an incremental one.
            last = repository.last(kind) if kind == FULL else repository.last(FULL, INCREMENTAL)
            out.set("sayur_backup_last_completed_timestamp_seconds", last.ended if last else 0, repository=number, type=kind)
            out.set("sayur_backup_last_size_bytes", last.bytes if last else 0, repository=number, type=kind)
    return out
