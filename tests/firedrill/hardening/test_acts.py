"""The catalogue of forbidden acts: complete, and each with a program of its name."""

from __future__ import annotations

from firedrill.hardening.acts import ACTS, NOT_PROBED, WORKS, directives
from firedrill.hardening.on_host import files, kernel
from tests.conftest import REPOSITORY

HARDENING = ("Protect", "Private", "Restrict", "SystemCall", "IPAddress", "SocketBind", "Lock", "Memory", "NoNew")
MORE = ("UMask", "AmbientCapabilities", "CapabilityBoundingSet", "DevicePolicy", "KeyringMode", "Remove", "ProcSubset")


def test_every_hardening_directive_of_ours_is_tried_or_has_a_reason() -> None:
    used = set()
    for pattern in ("**/*.service.j2", "**/hardening.conf.j2", "**/*.conf.j2"):
        for template in (REPOSITORY / "templates").glob(pattern):
            used |= {name for name in directives(template.read_text()) if name.startswith((*HARDENING, *MORE))}
    assert len(used) > 20, "no unit was found"
    assert used - {act.directive for act in ACTS} == set(NOT_PROBED)


def test_every_act_has_a_program_and_a_directive_that_is_tried_alone() -> None:
    for act in ACTS:
        assert callable({**vars(files), **vars(kernel)}[act.name])
        assert act.directive in {line.partition("=")[0] for line in act.alone}
        assert act.asked(directives("[Service]\n" + "\n".join(act.alone))), act.name
        assert not act.asked({}), f"{act.name} is asked of a unit that claims nothing"
    assert WORKS in vars(files)


def test_what_the_last_line_takes_back_is_not_claimed() -> None:
    text = "[Unit]\nProtectHome=yes\n[Service]\n# PrivateTmp=yes\nProtectHome=yes\nProtectHome=no\nUMask=0077\n"
    claimed = {act.name for act in ACTS if act.asked(directives(text))}
    assert claimed == {"world_readable_file"}


def test_addresses_are_asked_as_far_as_the_unit_claims() -> None:
    claims = {act.name: act.asked for act in ACTS}
    local = directives("[Service]\nIPAddressDeny=any\nIPAddressAllow=localhost\nRestrictAddressFamilies=AF_INET\n")
    wide = directives("[Service]\nIPAddressDeny=any\nIPAddressAllow=localhost\nIPAddressAllow=8.0.0.0/5\n")
    assert claims["reach_outside"](local)
    assert claims["local_socket"](local)
    assert not claims["reach_outside"](wide)
    assert claims["reach_metadata"](wide)
    assert not claims["local_socket"](
        directives("[Service]\nRestrictAddressFamilies=AF_INET\nRestrictAddressFamilies=AF_UNIX")
    )


def test_what_is_told_of_their_number_is_true() -> None:
    for document in ("README.md", "firedrill/hardening/command.py"):
        assert f"{len(ACTS)} forbidden acts" in (REPOSITORY / document).read_text()
