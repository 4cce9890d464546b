"""HELLO and AUTH: only an admitted network that meant this host gets through."""

from __future__ import annotations

from dataclasses import replace

import pytest

from protocol.errors import RemoteProtocolError
from protocol.gossip.codes import ByeCode
from protocol.gossip.handshake import Handshake, Own
from protocol.gossip.messages import Auth
from protocol.limits import FRAME_BYTES_MIN
from tests.simulation.spread.memory_replica import NetworkKeys, seed_of

VILA, SERRA, REGIAO = NetworkKeys("vila"), NetworkKeys("serra"), NetworkKeys("regiao")
ALL = frozenset(keys.identity.network for keys in (VILA, SERRA, REGIAO))


def test_two_nodes_prove_themselves() -> None:
    """Dialler and listener end with each other's identity."""
    dialler, listener = _dialler(), _listener()
    auth = dialler.on_hello(listener.hello())

    assert listener.on_hello(dialler.hello()) is None
    assert auth is not None
    answer = listener.on_auth(auth)
    assert answer is not None
    assert dialler.on_auth(answer) is None
    assert dialler.peer == SERRA.identity
    assert listener.peer == VILA.identity


def test_limits_are_the_lower_of_both() -> None:
    """A peer that reads less is sent less, and a later version speaks ours."""
    listener = _listener()

    listener.on_hello(replace(_dialler().hello(), version=9, frame_bytes_max=FRAME_BYTES_MIN, gets_max=1000))

    assert (listener.version, listener.frame_bytes_max, listener.gets_max) == (1, FRAME_BYTES_MIN, 4)


def test_an_auth_for_another_host_is_refused() -> None:
    """A dialler that meant another host ends, so nobody can pass its AUTH on."""
    dialler, listener = _dialler(host="evil.example"), _listener()

    assert ByeCode.WRONG_HOST == _fails(dialler, listener)


def test_a_listener_can_not_change_the_host() -> None:
    """A dialler takes only the host that it dialled."""
    dialler, listener = _dialler(), _listener()
    auth = dialler.on_hello(listener.hello())
    listener.on_hello(dialler.hello())
    assert auth is not None
    answer = listener.on_auth(auth)
    assert answer is not None

    with pytest.raises(RemoteProtocolError) as caught:
        dialler.on_auth(Auth("evil.example", answer.signature))

    assert ByeCode.WRONG_HOST == caught.value.code


def test_a_replayed_auth_is_refused() -> None:
    """An AUTH of an earlier link fits no other nonce."""
    dialler, listener = _dialler(), _listener()
    old = dialler.on_hello(listener.hello())
    again = _listener(nonce=b"another")
    again.on_hello(dialler.hello())

    assert old is not None
    with pytest.raises(RemoteProtocolError) as caught:
        again.on_auth(old)

    assert ByeCode.BAD_AUTH == caught.value.code


def test_an_auth_in_the_other_role_is_refused() -> None:
    """What a dialler signed can't be sent back to it as the listener's."""
    dialler, listener = _dialler(), _listener()
    auth = dialler.on_hello(listener.hello())

    assert auth is not None
    with pytest.raises(RemoteProtocolError) as caught:
        dialler.on_auth(auth)

    assert ByeCode.BAD_AUTH == caught.value.code


def test_a_repeated_nonce_is_refused() -> None:
    """A peer that mirrors our own nonce gets no signature."""
    dialler = _dialler()
    hello = replace(_listener().hello(), nonce=dialler.hello().nonce)

    with pytest.raises(RemoteProtocolError) as caught:
        dialler.on_hello(hello)

    assert ByeCode.BAD_AUTH == caught.value.code


def test_a_stranger_is_not_admitted_and_gets_no_signature() -> None:
    """A listener answers only networks on its peer list."""
    dialler, listener = _dialler(), _listener(admitted=frozenset())

    assert ByeCode.NOT_ADMITTED == _fails(dialler, listener)


def test_only_the_expected_network_is_answered() -> None:
    """A dialler that wants one network says nothing to another."""
    dialler = _dialler(expected=REGIAO.identity.network)

    with pytest.raises(RemoteProtocolError) as caught:
        dialler.on_hello(_listener().hello())

    assert ByeCode.OTHER_NETWORK == caught.value.code


def test_a_node_is_not_linked_with_itself() -> None:
    """A HELLO of the own network ends the link."""
    with pytest.raises(RemoteProtocolError) as caught:
        _dialler().on_hello(_dialler(nonce=b"x").hello())

    assert ByeCode.SAME_NETWORK == caught.value.code


def test_an_older_epoch_is_refused() -> None:
    """Who shows an epoch that has been replaced holds old keys."""
    own = replace(_own(VILA), epochs={SERRA.identity.network: 1})
    dialler = Handshake(own, nonce=seed_of("n"), host="serra.example", expected=None)

    with pytest.raises(RemoteProtocolError) as caught:
        dialler.on_hello(_listener().hello())

    assert ByeCode.STALE_EPOCH == caught.value.code


def _own(keys: NetworkKeys, *, admitted: frozenset[bytes] = ALL) -> Own:
    return Own(identity=keys.identity, link_seed=keys.link, hosts={f"{keys.name}.example"}, admitted=admitted)


def _dialler(*, host: str = "serra.example", nonce: bytes = b"dialler", expected: bytes | None = None) -> Handshake:
    return Handshake(_own(VILA), nonce=seed_of(nonce), host=host, expected=expected)


def _listener(*, nonce: bytes = b"listener", admitted: frozenset[bytes] = ALL) -> Handshake:
    return Handshake(_own(SERRA, admitted=admitted), nonce=seed_of(nonce), host=None, expected=None)


def _fails(dialler: Handshake, listener: Handshake) -> str:
    auth = dialler.on_hello(listener.hello())
    listener.on_hello(dialler.hello())
    assert auth is not None
    with pytest.raises(RemoteProtocolError) as caught:
        listener.on_auth(auth)
    return caught.value.code
