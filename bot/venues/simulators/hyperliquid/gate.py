"""/exchange: who signed, whether they may, and what the engine makes of the action."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import msgspec
from msgspec import UNSET

from bot.venues.hyperliquid import actions
from bot.venues.hyperliquid.actions import Action, Envelope, OrderWire, requests
from bot.venues.hyperliquid.codec import Outcome, Reply, Status, Statuses
from bot.venues.hyperliquid.signing import BadSignature, action_hash, signer
from bot.venues.simulators.hyperliquid.accounts import Account
from bot.venues.simulators.hyperliquid.engine import MODIFY_FAILED, Engine
from bot.venues.simulators.hyperliquid.faults import REJECT, Faults
from bot.venues.simulators.hyperliquid.limits import Nonces, starved
from bot.venues.simulators.hyperliquid.schedule import set_schedule

MALFORMED = "Failed to deserialize the JSON body into the target type"
NO_WALLET = "User or API Wallet {address} does not exist."
MOST_CANCELS = 200
DONE = Reply("ok", Outcome("default"))
_envelope = msgspec.json.Decoder(Envelope)


class Malformed(Exception):
    """The body is no action that the venue knows."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that could be read: its place for faults, and its weight for the IP."""

    envelope: Envelope
    place: str
    weight: int


class Gate:
    """Call `read`, then `answer`. `agents` maps addresses of agents to those of their accounts."""

    def __init__(self, engine: Engine, agents: Mapping[str, str], faults: Faults, speed: float) -> None:
        self._engine, self._agents, self._faults, self._speed = engine, agents, faults, speed
        self._nonces: defaultdict[str, Nonces] = defaultdict(Nonces)

    def read(self, body: bytes) -> Asked:
        """Raises Malformed."""
        try:
            envelope = _envelope.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Malformed(str(error)) from error
        kind = str(type(envelope.action).__struct_config__.tag)
        late = envelope.expiresAfter is not None and envelope.expiresAfter < self._engine.now()
        weight = 1 + requests(envelope.action) // 40
        return Asked(envelope, f"exchange:{kind}", 5 * weight if late else weight)

    def answer(self, asked: Asked) -> Reply:
        """Take the action, or say why not."""
        envelope, now = asked.envelope, self._engine.now()
        found = self._signer(envelope)
        address = self._agents.get(found, found)
        account = self._engine.accounts.get(address)
        if account is None:
            return _err(NO_WALLET.format(address=found))
        if envelope.vaultAddress is not None:
            return _err(f"Vault not registered: {envelope.vaultAddress}")
        if envelope.expiresAfter is not None and envelope.expiresAfter < now:
            return _err("Action already expired")
        refusal = self._nonces[found].refusal(envelope.nonce, now) or _shape(envelope.action)
        cancels = isinstance(envelope.action, actions.Cancel | actions.CancelByCloid)
        refusal = refusal or starved(account, requests(envelope.action), cancels, now, self._speed)
        return _err(refusal) if refusal else self._take(account, envelope.action, asked.place)

    def _signer(self, envelope: Envelope) -> str:
        """The address that signed the action as the venue reads it: numbers without zeros at the end."""
        action = normal(envelope.action)
        connection = action_hash(action, envelope.nonce, envelope.vaultAddress, envelope.expiresAfter)
        try:
            return signer(envelope.signature, connection, "testnet")
        except BadSignature:
            return "0x" + "0" * 40

    def _take(self, account: Account, action: Action, place: str) -> Reply:
        engine = self._engine
        match action:
            case actions.PlaceOrders(orders=orders):
                return self._place(account, orders, place)
            case actions.Cancel(cancels=cancels):
                return _statuses("cancel", [engine.cancel(account, one.a, one.o) for one in cancels])
            case actions.CancelByCloid(cancels=by_cloid):
                return _statuses("cancel", [engine.cancel(account, one.asset, one.cloid) for one in by_cloid])
            case actions.Modify(oid=oid, order=order):
                status = engine.modify(account, oid, order)
                return DONE if status.error is None else _statuses("order", [status])
            case actions.BatchModify(modifies=modifies):
                return self._modify(account, modifies, place)
            case actions.ScheduleCancel(time=time):
                refusal = set_schedule(account, None if time is UNSET else time, engine.now())
                return DONE if refusal is None else _err(refusal)
            case actions.UpdateLeverage():
                return self._leverage(account, action)
            case actions.Noop():
                return DONE

    def _place(self, account: Account, orders: list[OrderWire], place: str) -> Reply:
        refused = self._faults.strikes("reject", place)
        if refused is not None:
            return _statuses(
                "order", [Status(error=(refused.text or REJECT).format(asset=order.a)) for order in orders]
            )
        self._engine.post_only = self._faults.strikes("post_only", place) is not None
        return self._answered([self._engine.place(account, order) for order in orders], place)

    def _modify(self, account: Account, modifies: list[actions.ModifyWire], place: str) -> Reply:
        """A refused replacement leaves neither order."""
        refused = self._faults.strikes("reject", place)
        if refused is None:
            return self._answered([self._engine.modify(account, one.oid, one.order) for one in modifies], place)
        for one in modifies:
            if (old := account.find(one.oid)) is not None:
                self._engine.end(old, "canceled")
        texts = ((refused.text or REJECT).format(asset=one.order.a) for one in modifies)
        return _statuses("order", [Status(error=MODIFY_FAILED.format(text=text)) for text in texts])

    def _answered(self, statuses: list[Status], place: str) -> Reply:
        collapsed = len(statuses) > 1 and self._faults.strikes("collapsed", place) is not None
        return _statuses("order", statuses[:1] if collapsed else statuses)

    def _leverage(self, account: Account, action: actions.UpdateLeverage) -> Reply:
        market = next((m for m in self._engine.markets.values() if m.asset == action.asset), None)
        if market is None or not 1 <= action.leverage <= market.listing.max_leverage:
            return _err("Invalid leverage value")
        if not action.isCross:
            return _err("Cannot switch leverage type with open position.")
        account.leverage[market.coin] = action.leverage
        return DONE


def normal(action: Action) -> Action:
    """The action as the venue writes it again before it hashes: decimal texts and ids in their one form."""
    match action:
        case actions.PlaceOrders(orders=orders):
            return msgspec.structs.replace(action, orders=[_normal(order) for order in orders])
        case actions.Modify(order=order):
            return msgspec.structs.replace(action, order=_normal(order))
        case actions.BatchModify(modifies=modifies):
            return actions.BatchModify([actions.ModifyWire(one.oid, _normal(one.order)) for one in modifies])
    return action


def _normal(order: OrderWire) -> OrderWire:
    return msgspec.structs.replace(order, p=_plain(order.p), s=_plain(order.s))


def _plain(text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return f"{number.normalize() + 0:f}" if number.is_finite() else text


def _shape(action: Action) -> str | None:
    if not requests(action):
        return "Orders are empty."
    if isinstance(action, actions.Cancel | actions.CancelByCloid) and requests(action) > MOST_CANCELS:
        return f"Signed action over weight limit of {MOST_CANCELS}."
    return None


def _statuses(kind: str, statuses: list[Status] | list[str | Status]) -> Reply:
    return Reply("ok", Outcome(kind, Statuses(list(statuses))))


def _err(text: str) -> Reply:
    return Reply("err", text)
