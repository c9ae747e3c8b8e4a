"""What can be asked to be done: bodies in, HTTP status and what becomes JSON out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from bot.market.units import Lots
from bot.venues.kalshi import numbers
from bot.venues.kalshi.orders import (
    Amend,
    BatchCancel,
    BatchCancelled,
    BatchCancelledOne,
    BatchCreate,
    BatchCreated,
    BatchCreatedOne,
    Create,
    Decrease,
    Problem,
)
from bot.venues.simulators.kalshi import rules
from bot.venues.simulators.kalshi.accounts import Account, Group
from bot.venues.simulators.kalshi.desk import Desk
from bot.venues.simulators.kalshi.engine import Engine, GroupChanged

Answer = tuple[int, object]


class NewGroup(msgspec.Struct, frozen=True):
    """One of the two limits."""

    contracts_limit: int | None = None
    contracts_limit_fp: str | None = None

    def lots(self) -> Lots:
        """Raises Refused."""
        limit = (
            rules.whole(self.contracts_limit_fp) if self.contracts_limit_fp else Lots(100 * (self.contracts_limit or 0))
        )
        if limit <= 0:
            raise rules.nested(400, "bad_request", "bad request", "contracts_limit is missing")
        return limit


class Writes:
    """Each takes the account, the id in the path where there is one, and the body. Raises Refused."""

    def __init__(self, desk: Desk, engine: Engine) -> None:
        self._desk, self._engine = desk, engine

    def create(self, account: Account, body: bytes) -> Answer:
        return 201, self._desk.create(account, rules.decoded(body, Create))

    def amend(self, account: Account, oid: str, body: bytes) -> Answer:
        return 200, self._desk.amend(account, oid, rules.decoded(body, Amend))

    def decrease(self, account: Account, oid: str, body: bytes) -> Answer:
        return 200, self._desk.decrease(account, oid, rules.decoded(body, Decrease))

    def cancel(self, account: Account, oid: str) -> Answer:
        return 200, self._desk.cancel(account, oid)

    def cancel_all(self, account: Account) -> Answer:
        self._desk.cancel_all(account)
        return 204, None

    def batch_create(self, account: Account, body: bytes) -> Answer:
        wishes = rules.decoded(body, BatchCreate).orders
        return 201, BatchCreated([self._create_one(account, wish) for wish in wishes])

    def batch_cancel(self, account: Account, body: bytes) -> Answer:
        wishes = rules.decoded(body, BatchCancel).orders
        return 200, BatchCancelled([self._cancel_one(account, wish.order_id) for wish in wishes])

    def _create_one(self, account: Account, wish: Create) -> BatchCreatedOne:
        try:
            made = self._desk.create(account, wish)
        except rules.Refused as refused:
            return BatchCreatedOne(client_order_id=wish.client_order_id, error=_problem(refused))
        return msgspec.convert(msgspec.to_builtins(made), BatchCreatedOne)

    def _cancel_one(self, account: Account, oid: str) -> BatchCancelledOne:
        try:
            gone = self._desk.cancel(account, oid)
        except rules.Refused as refused:
            return BatchCancelledOne(oid, numbers.contracts(0), error=_problem(refused))
        return msgspec.convert(msgspec.to_builtins(gone), BatchCancelledOne)

    def new_group(self, account: Account, body: bytes) -> Answer:
        group = self._desk.new_group(account, rules.decoded(body, NewGroup).lots())
        return 201, {"order_group_id": group.gid, "subaccount": 0, "exchange_index": 0}

    def group(self, account: Account, gid: str) -> Answer:
        group = self._desk.group(account, gid)
        return 200, {**_limit(group), "orders": [one.oid for one in account.resting() if one.group == gid]}

    def groups(self, account: Account) -> Answer:
        return 200, {"order_groups": [{"id": gid, **_limit(group)} for gid, group in account.groups.items()]}

    def change_group(self, account: Account, gid: str, what: str, body: bytes) -> Answer:
        """Reset, trigger or give it another limit; or delete it, which cancels its orders."""
        changes: dict[str, Callable[[Group], None]] = {
            "reset": self._reset,
            "trigger": lambda group: self._desk.trigger(account, group.gid),
            "limit": lambda group: _set_limit(group, rules.decoded(body, NewGroup).lots()),
            "delete": lambda group: self._delete(account, group),
        }
        changes[what](self._desk.group(account, gid))
        words = {"reset": "reset", "limit": "limit_updated", "delete": "deleted"}
        if what in words:
            self._engine.tell(GroupChanged(account.name, gid, words[what]))
        return 200, {}

    def _reset(self, group: Group) -> None:
        group.triggered = False
        group.matched.clear()

    def _delete(self, account: Account, group: Group) -> None:
        self._desk.trigger(account, group.gid)
        del account.groups[group.gid]


def _set_limit(group: Group, limit: Lots) -> None:
    group.limit = limit


def _limit(group: Group) -> dict[str, Any]:
    return {
        "contracts_limit_fp": numbers.contracts(group.limit),
        "is_auto_cancel_enabled": not group.triggered,
        "exchange_index": 0,
    }


def _problem(refused: rules.Refused) -> Problem:
    """A refusal as a part of a batch has it."""
    body: Any = refused.body
    said = body.get("error", body)
    return Problem(said.get("code", ""), said.get("message", ""), said.get("details", msgspec.UNSET))
