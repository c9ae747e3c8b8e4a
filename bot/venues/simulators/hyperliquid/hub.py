"""All websockets: who subscribed to what, and who hears which news."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

import msgspec

from bot.venues.hyperliquid.codec import Fill, OrderUpdate, PublicTrade
from bot.venues.simulators.hyperliquid.connection import Connection, Stream
from bot.venues.simulators.hyperliquid.engine import Engine, News, Told
from bot.venues.simulators.hyperliquid.info import Info
from bot.venues.simulators.hyperliquid.subscriptions import Message, Subscription, message

CONNECTIONS, SUBSCRIPTIONS, USERS = 10, 1_000, 10
EVERY_S = {"l2Book": 5.4, "activeAssetCtx": 1.0, "allMids": 5.0}
FAST_S, FAST_LEVELS, LEVELS = 0.54, 5, 20
FIRST_TRADES = 10
UNASKED = ("selfTradeCanceled", "reduceOnlyCanceled", "scheduledCancel")
Post = Callable[[str, bytes], object]
"""Answers a request that came over a socket: type and body, to the frame's `response`; None where no answer comes."""


class Hub:
    """`hear` takes what clients send, `publish` the news, `beat` is called after each step of the weather."""

    def __init__(self, engine: Engine, info: Info, post: Post, steady: Callable[[], float], speed: float) -> None:
        self._engine, self._info, self._post, self._steady, self._speed = engine, info, post, steady, speed
        self.connections: set[Connection] = set()

    def hear(self, connection: Connection, text: str) -> None:
        """One message of a client's."""
        try:
            heard = message.decode(text)
        except msgspec.DecodeError:
            return self._nonsense(connection, text)
        match heard:
            case Message(method="ping"):
                connection.pong()
            case Message(method="subscribe", subscription=Subscription() as wish) if wish.known:
                self._subscribe(connection, wish)
            case Message(method="unsubscribe", subscription=Subscription() as wish) if wish.known:
                self._unsubscribe(connection, wish)
            case Message(method="post", id=int() as number, request=request) if request is not None:
                response = self._post(request.type, bytes(request.payload))
                if response is None:
                    connection.cut()
                else:
                    connection.send("post", {"id": number, "response": response})
            case _:
                self._nonsense(connection, text)

    def publish(self, news: Iterable[News]) -> None:
        """Trades by market; updates and fills by account, each as one frame, in the order of their kinds."""
        trades: defaultdict[str, list[PublicTrade]] = defaultdict(list)
        updates: defaultdict[str, list[OrderUpdate]] = defaultdict(list)
        fills: defaultdict[str, list[Fill]] = defaultdict(list)
        for item in news:
            match item:
                case PublicTrade(coin=coin):
                    trades[coin].append(item)
                case Told(address=address, what=Fill() as fill):
                    fills[address].append(fill)
                case Told(address=address, what=OrderUpdate() as update):
                    updates[address].append(update)
        for coin, found in trades.items():
            self._to("trades", found, coin=coin)
        for address, told in updates.items():
            self._to("orderUpdates", told, user=address)
            gone = [{"coin": u.order.coin, "oid": u.order.oid} for u in told if u.status in UNASKED]
            if gone:
                self._to("userEvents", {"nonUserCancel": gone}, user=address)
        for address, filled in fills.items():
            self._to("userFills", {"user": address, "fills": filled}, user=address)
            self._to("userEvents", {"fills": filled}, user=address)

    def beat(self) -> None:
        """Books and prices that are due, best prices that changed."""
        for connection in list(self.connections):
            for stream in list(connection.streams.values()):
                self._beat(connection, stream)

    def _beat(self, connection: Connection, stream: Stream) -> None:
        wish, now = stream.subscription, self._steady()
        if wish.type == "bbo":
            market = self._engine.markets[wish.coin]
            best = market.best()
            if best != stream.best:
                stream.best = best
                connection.send("bbo", {"coin": wish.coin, "time": self._engine.now(), "bbo": best})
        elif wish.type in EVERY_S and now >= stream.due:
            every = FAST_S if wish.fast else EVERY_S[wish.type]
            stream.due = now + every / self._speed
            connection.send(wish.type, self._snapshot(wish))

    def _snapshot(self, wish: Subscription) -> object:
        if wish.type == "allMids":
            return {"mids": self._info.mids()}
        market = self._engine.markets[wish.coin]
        if wish.type == "activeAssetCtx":
            return {"coin": wish.coin, "ctx": self._info.context(market)}
        return self._info.book(market, FAST_LEVELS if wish.fast else LEVELS)

    def _subscribe(self, connection: Connection, wish: Subscription) -> None:
        if wish.fatal(self._engine.markets):
            connection.cut()
            return
        users = {s.user.lower() for c in self.connections for s in c.streams if s.user} | {wish.user.lower()}
        if len(users) > USERS or sum(len(c.streams) for c in self.connections) >= SUBSCRIPTIONS:
            connection.send("error", f"Cannot track more: {_text(wish)}")
        elif wish in connection.streams:
            connection.send("error", f"Already subscribed: {_text(wish)}")
        else:
            stream = connection.streams[wish] = Stream(wish)
            connection.send("subscriptionResponse", {"method": "subscribe", "subscription": wish.told()})
            self._first(connection, stream)

    def _first(self, connection: Connection, stream: Stream) -> None:
        """What a new subscriber hears at once."""
        wish = stream.subscription
        if wish.type == "userFills":
            account = self._engine.accounts.get(wish.user.lower())
            fills = [] if account is None else list(account.fills)[-2_000:]
            connection.send("userFills", {"isSnapshot": True, "user": wish.user.lower(), "fills": fills})
        elif wish.type == "trades":
            if recent := list(self._engine.markets[wish.coin].trades)[-FIRST_TRADES:]:
                connection.send("trades", recent)
        else:
            self._beat(connection, stream)

    def _unsubscribe(self, connection: Connection, wish: Subscription) -> None:
        if connection.streams.pop(wish, None) is None:
            connection.send("error", f"Already unsubscribed: {_text(wish)}")
        else:
            connection.send("subscriptionResponse", {"method": "unsubscribe", "subscription": wish.told()})

    def _to(self, kind: str, data: object, coin: str = "", user: str = "") -> None:
        channel = "user" if kind == "userEvents" else kind
        for connection in list(self.connections):
            for wish in connection.streams:
                if wish.type == kind and wish.coin == coin and wish.user.lower() == user:
                    connection.send(channel, data)

    def _nonsense(self, connection: Connection, text: str) -> None:
        connection.send("error", f"Error parsing JSON into valid websocket request: {text}")


def _text(wish: Subscription) -> str:
    return msgspec.json.encode(wish.told()).decode()
