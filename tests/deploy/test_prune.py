"""What a proved host does without: old releases, old programs, directories in which nothing is left."""

from __future__ import annotations

import json
import os

from tests.deploy.scratch import Host


def test_five_releases_stay(host: Host) -> None:
    for number in range(8):
        host.release(str(number))
        os.utime(host.prune.STATE / "releases" / str(number), (number, number))
    (host.prune.RELEASES / "4.damaged.17").mkdir()
    (host.prune.RELEASES / "notes.txt").touch()
    host.point("0")
    host.prune.releases()
    assert sorted(path.name for path in host.prune.RELEASES.iterdir()) == ["0", "4", "5", "6", "7"]


def test_of_a_program_the_one_before_stays(host: Host) -> None:
    names = ["loki-3.6.13-aaa", "loki-3.6.14-bbb", "loki-3.6.15-ccc", "promtail-3.6.15-ddd"]
    for place in (host.prune.PROGRAMS, host.prune.STATE / "programs"):
        place.mkdir(parents=True)
        for at, name in enumerate(names):
            (place / name).touch()
            os.utime(place / name, (at, at))
    host.prune.STAMP.write_text(json.dumps({"programs": {f"/opt/mmstack/bin/{names[2]}": "ccc"}}))
    host.prune.programs()
    assert sorted(path.name for path in host.prune.PROGRAMS.iterdir()) == names[1:]


def test_directories_that_became_empty_go(host: Host) -> None:
    for folder in ("gone/rules", "kept", "used"):
        (host.root / folder).mkdir(parents=True)
    (host.root / "used/file").touch()
    removed = [str(host.root / path) for path in ("gone/rules/orders.yaml", "kept/config", "used/other")]
    plan = {"removals": removed, "directories": [str(host.root), str(host.root / "kept")]}
    (host.prune.STAGE / "plan.json").write_text(json.dumps(plan))
    host.prune.directories()
    assert not (host.root / "gone").exists()
    assert (host.root / "kept").is_dir()
    assert (host.root / "used/file").is_file()
