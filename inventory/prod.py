"""The desk's production hosts: name them here, with what differs from inventory/group_data/prod.py.

A host reached as an ordinary user with sudo: ("bot-1.example.net", {"ssh_user": "deploy", "_sudo": True})
"""

from pyinfra.api.exceptions import InventoryError

prod: list[tuple[str, dict[str, object]]] = []

if not prod:
    raise InventoryError("inventory/prod.py names no host yet; add yours to the list `prod` in it")
