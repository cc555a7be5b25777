import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from contact_service.errors import StartRefused
from contact_service.keys import key_file, provider as provider_module
from contact_service.keys.errors import (
    KekUnavailable,
    KeyError_,
    KeyFileDamaged,
    KeyFileExists,
    PassphraseWrong,
    WrappedKeyDamaged,
)
from contact_service.keys.key_file import OpenedKey
from contact_service.keys.provider import KeyProvider

BOUND: dict[str, Any] = {"purpose": "agency-root/1", "agency": "kent", "key_id": bytes(16), "version": 1}


@pytest.fixture(scope="module")
def key_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "keys"
    KeyProvider.create(path, "correct horse")
    return path


@pytest.fixture
def provider() -> KeyProvider:
    return KeyProvider(OpenedKey(key=bytes(32), key_id=bytes(16)))


def test_a_created_file_opens_again_to_the_same_keys(tmp_path: Path) -> None:
    created = KeyProvider.create(tmp_path / "keys", "caf\u00e9")
    opened = KeyProvider.open(tmp_path / "keys", "caf\u00e9")
    assert opened.key_id == created.key_id
    assert opened.derive("links/1") == created.derive("links/1")
    assert opened.unwrap(created.wrap(b"k" * 32, **BOUND), **BOUND) == b"k" * 32


def test_only_the_owner_may_read_the_file_and_it_holds_no_key(key_path: Path) -> None:
    assert stat.S_IMODE(key_path.stat().st_mode) == 0o600
    opened = key_file.read(key_path.read_bytes(), "correct horse")
    assert opened.key.hex() not in key_path.read_text()


def test_a_file_that_is_there_is_not_touched(key_path: Path) -> None:
    before = key_path.read_bytes()
    with pytest.raises(KeyFileExists):
        KeyProvider.create(key_path, "another")
    assert key_path.read_bytes() == before


def test_a_missing_file_a_folder_and_a_place_that_cannot_be_are_unavailable(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(KekUnavailable) as caught:
            KeyProvider.open(path, "x")
        assert caught.value.code == "KEK_UNAVAILABLE"
    with pytest.raises(KekUnavailable):
        KeyProvider.create(tmp_path / "none" / "keys", "x")


def test_a_wrong_passphrase_is_named(key_path: Path) -> None:
    for passphrase in ("correct horsf", "", "correct horse "):
        with pytest.raises(PassphraseWrong):
            KeyProvider.open(key_path, passphrase)


def test_every_error_at_start_keeps_the_process_from_starting() -> None:
    for error in (KekUnavailable, PassphraseWrong, KeyFileDamaged, KeyFileExists):
        assert issubclass(error, StartRefused)
        assert issubclass(error, KeyError_)
        assert str(error()).endswith(".")


def test_every_changed_byte_of_the_file_is_damage(key_path: Path) -> None:
    content = key_path.read_bytes()
    for at in range(len(content)):
        changed = bytearray(content)
        changed[at] ^= 1 << (at % 7)
        if json_of(bytes(changed)) != json_of(content):  # white space may change, facts may not
            with pytest.raises(KeyFileDamaged):
                key_file.read(bytes(changed), "correct horse")


def json_of(content: bytes) -> object:
    try:
        return json.loads(content)
    except ValueError:
        return None


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"5", b"null", b"{}", b"\xff", b'{"check": 5}', b"[" * 100_000]
)
def test_what_is_no_key_file_is_damage(content: bytes) -> None:
    with pytest.raises(KeyFileDamaged):
        key_file.read(content, "x")


@pytest.mark.parametrize(
    "costs", [{"memory_kib": 1 << 31}, {"iterations": 10**6}, {"lanes": 999}, {"lanes": "4"}]
)
def test_a_file_that_asks_for_absurd_work_is_damage(key_path: Path, costs: dict[str, object]) -> None:
    body = json.loads(key_path.read_bytes())
    del body["check"]
    body["kdf"] |= costs
    body["check"] = key_file._check(body)
    with pytest.raises(KeyFileDamaged):
        key_file.read(json.dumps(body).encode(), "correct horse")


def test_a_wrapped_key_opens_only_for_what_it_was_wrapped_for(provider: KeyProvider) -> None:
    wrapped = provider.wrap(b"k" * 32, **BOUND)
    assert len(wrapped) == 60
    for change in ({"purpose": "case-key/1"}, {"agency": "surrey"}, {"key_id": b"\1" * 16}, {"version": 2}):
        with pytest.raises(WrappedKeyDamaged):
            provider.unwrap(wrapped, **BOUND | change)


def test_every_changed_byte_of_a_wrapped_key_is_found(provider: KeyProvider) -> None:
    wrapped = provider.wrap(b"k" * 32, **BOUND)
    for at in range(len(wrapped)):
        changed = bytearray(wrapped)
        changed[at] ^= 1
        with pytest.raises(WrappedKeyDamaged):
            provider.unwrap(bytes(changed), **BOUND)
    for length in (0, 59, 61):
        with pytest.raises(WrappedKeyDamaged):
            provider.unwrap((wrapped + b"x")[:length], **BOUND)


def test_the_same_key_is_wrapped_differently_each_time(provider: KeyProvider) -> None:
    assert provider.wrap(b"k" * 32, **BOUND) != provider.wrap(b"k" * 32, **BOUND)


def test_derived_secrets_differ_by_purpose_and_from_the_key(provider: KeyProvider) -> None:
    secrets = {provider.derive(purpose) for purpose in ("links/1", "links/2", "wrap/1", "")}
    assert len(secrets) == 4
    assert {len(secret) for secret in secrets} == {32}


def test_memory_is_bounded_and_shared_by_threads(
    provider: KeyProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider_module, "REMEMBERED_KEYS", 50)
    names = [bytes([n]) for n in range(200)]
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda n: provider.remember(n, b"w", lambda: n * 32), names * 5))
    assert got == [n * 32 for n in names * 5]
    assert len(provider._remembered) <= 50


def test_a_remembered_key_does_not_stand_in_for_another_wrapping(provider: KeyProvider) -> None:
    assert provider.remember(b"n", b"w1", lambda: b"1") == b"1"
    assert provider.remember(b"n", b"w1", lambda: b"2") == b"1"
    assert provider.remember(b"n", b"w2", lambda: b"2") == b"2"
