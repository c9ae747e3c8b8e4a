"""All websockets: what clients command, and who hears which news."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from bot.venues.simulators.kalshi import stories
from bot.venues.simulators.kalshi.connection import Connection, Subscription
from bot.venues.simulators.kalshi.engine import (
    Engine,
    FeesChanged,
    Filled,
    GroupChanged,
    LevelChange,
    LifeChanged,
    News,
    OrderChanged,
    PositionChanged,
    Traded,
)

CHANNELS = (
    "orderbook_delta",
    "ticker",
    "trade",
    "fill",
    "user_orders",
    "market_positions",
    "order_group_updates",
    "market_lifecycle_v2",
)
ERRORS = {
    1: "Unable to process message",
    2: "Params required",
    3: "Channels required",
    4: "Subscription IDs required",
    5: "Unknown command",
    6: "Already subscribed",
    7: "Unknown subscription ID",
    8: "Unknown channel name",
    12: "Exactly one subscription ID is required",
    13: "Unsupported action",
    14: "Market ticker required",
    15: "Action required",
    16: "Market not found",
}


class Params(msgspec.Struct, frozen=True):
    """All that a command may name."""

    channels: list[str] = []
    market_ticker: str = ""
    market_tickers: list[str] = []
    send_initial_snapshot: bool = True
    use_yes_price: bool = False
    sid: int | None = None
    sids: list[int] = []
    action: str = ""

    @property
    def tickers(self) -> list[str]:
        return [*([self.market_ticker] if self.market_ticker else []), *self.market_tickers]


class Command(msgspec.Struct, frozen=True):
    """What a client sends."""

    cmd: str
    id: int = 0
    params: Params | None = None


class Wrong(Exception):
    """A command that is answered with an error of this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


_command = msgspec.json.Decoder(Command)


class Hub:
    """`hear` takes what clients send, `publish` the news."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.connections: set[Connection] = set()
        self._sid = 0

    def hear(self, connection: Connection, text: str) -> None:
        """One message of a client's."""
        number = 0
        try:
            try:
                heard = _command.decode(text)
            except msgspec.DecodeError:
                raise Wrong(1) from None
            number = heard.id
            self._obey(connection, heard)
        except Wrong as wrong:
            error = {"code": wrong.code, "msg": ERRORS[wrong.code]}
            connection.reply({"id": number, "type": "error", "msg": error})

    def publish(self, news: Iterable[News]) -> None:
        """Each to those who hear of it; best prices once for each book that changed."""
        moved: dict[str, None] = {}
        for item in news:
            if isinstance(item, LevelChange | Traded):
                moved[item.ticker] = None
            for connection in list(self.connections):
                for subscription in list(connection.subscriptions.values()):
                    self._tell(connection, subscription, item)
        for ticker in moved:
            for connection in list(self.connections):
                for subscription in list(connection.subscriptions.values()):
                    if subscription.channel == "ticker" and subscription.wants(ticker):
                        told = stories.ticker(self._engine.markets[ticker], self._engine.now())
                        connection.send(subscription, "ticker", told)

    def _tell(self, connection: Connection, to: Subscription, item: News) -> None:
        engine, account = self._engine, connection.account
        match to.channel, item:
            case "orderbook_delta", LevelChange() if to.wants(item.ticker):
                connection.send(to, "orderbook_delta", stories.delta(item, engine.now(), to.yes))
            case "trade", Traded() if to.wants(item.ticker):
                connection.send(to, "trade", stories.trade(item))
            case "fill", Filled() if item.owner == account.name and to.wants(item.fill.order.ticker):
                connection.send(to, "fill", stories.fill(item.fill))
            case "user_orders", OrderChanged() if item.order.owner == account.name and to.wants(item.order.ticker):
                connection.send(to, "user_order", stories.order(item))
            case "market_positions", PositionChanged() if item.owner == account.name and to.wants(item.ticker):
                connection.send(to, "market_position", stories.position(account, item.ticker))
            case "order_group_updates", GroupChanged() if item.owner == account.name:
                told = {"event_type": item.kind, "order_group_id": item.gid}
                connection.send(to, "order_group_updates", told)
            case "market_lifecycle_v2", LifeChanged() if to.wants(item.ticker):
                told = stories.life(engine.markets[item.ticker], item.kind, engine.now())
                connection.send(to, "market_lifecycle_v2", told)
            case "market_lifecycle_v2", FeesChanged():
                connection.send(to, "event_fee_update", stories.fees(item))

    def _obey(self, connection: Connection, heard: Command) -> None:
        if heard.cmd == "list_subscriptions":
            rows = [{"channel": one.channel, "sid": one.sid} for one in connection.subscriptions.values()]
            connection.reply({"id": heard.id, "type": "ok", "msg": rows})
            return
        commands = {"subscribe": self._subscribe, "unsubscribe": self._unsubscribe, "update_subscription": self._update}
        if heard.cmd not in commands:
            raise Wrong(5)
        if heard.params is None:
            raise Wrong(2)
        commands[heard.cmd](connection, heard.id, heard.params)

    def _subscribe(self, connection: Connection, number: int, params: Params) -> None:
        if not params.channels:
            raise Wrong(3)
        if set(params.channels) - {*CHANNELS}:
            raise Wrong(8)
        self._known(params.tickers)
        if "orderbook_delta" in params.channels and not params.tickers:
            raise Wrong(14)
        if {one.channel for one in connection.subscriptions.values()} & {*params.channels}:
            raise Wrong(6)
        for channel in params.channels:
            self._sid += 1
            tickers = set(params.tickers) if params.tickers else None
            made = Subscription(self._sid, channel, tickers, params.use_yes_price)
            connection.subscriptions[made.sid] = made
            connection.reply({"id": number, "type": "subscribed", "msg": {"channel": channel, "sid": made.sid}})
            if channel == "orderbook_delta" and params.send_initial_snapshot:
                self._snapshots(connection, made, params.tickers)

    def _unsubscribe(self, connection: Connection, number: int, params: Params) -> None:
        if not params.sids:
            raise Wrong(4)
        if set(params.sids) - {*connection.subscriptions}:
            raise Wrong(7)
        for sid in params.sids:
            gone = connection.subscriptions.pop(sid)
            connection.reply({"id": number, "sid": sid, "seq": gone.seq + 1, "type": "unsubscribed"})

    def _update(self, connection: Connection, number: int, params: Params) -> None:
        sids = [*params.sids, *([] if params.sid is None else [params.sid])]
        if len(sids) != 1:
            raise Wrong(12)
        if sids[0] not in connection.subscriptions:
            raise Wrong(7)
        if not params.action:
            raise Wrong(15)
        if params.action not in ("add_markets", "delete_markets", "get_snapshot"):
            raise Wrong(13)
        if not params.tickers:
            raise Wrong(14)
        self._known(params.tickers)
        found = connection.subscriptions[sids[0]]
        if params.action == "delete_markets":
            found.tickers = (found.tickers or {*self._engine.markets}) - {*params.tickers}
        elif params.action == "add_markets" and found.tickers is not None:
            found.tickers |= {*params.tickers}
        all_tickers = sorted(found.tickers if found.tickers is not None else self._engine.markets)
        connection.confirm(found, number, {"market_tickers": all_tickers})
        if found.channel == "orderbook_delta" and params.action != "delete_markets":
            self._snapshots(connection, found, params.tickers)

    def _snapshots(self, connection: Connection, to: Subscription, tickers: list[str]) -> None:
        for ticker in tickers:
            told = stories.snapshot(self._engine.markets[ticker], to.yes)
            connection.send(to, "orderbook_snapshot", told)

    def _known(self, tickers: list[str]) -> None:
        """A market that was settled has no book any more."""
        if set(tickers) - {name for name, one in self._engine.markets.items() if one.status != "finalized"}:
            raise Wrong(16)
