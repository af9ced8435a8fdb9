import json
import stat
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from refapp.mesh.certificates import Authority, WorkloadFiles
from refapp.mesh.identity import spiffe_id


def permissions(path):
    return stat.S_IMODE(path.stat().st_mode)


def load(files):
    return x509.load_pem_x509_certificate(files.certificate.read_bytes())


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path / "authority")


@pytest.fixture
def files(authority, tmp_path):
    return authority.issue("service-a", tmp_path / "service-a")


def test_a_certificate_carries_one_spiffe_identity(files):
    names = load(files).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert names.critical
    assert [name.value for name in names.value] == [spiffe_id("service-a")]


def test_a_certificate_is_of_the_authority(files, authority, tmp_path):
    load(files).verify_directly_issued_by(authority.certificate)
    with pytest.raises(InvalidSignature):
        load(files).verify_directly_issued_by(Authority(tmp_path / "foreign").certificate)


def test_a_workload_cannot_certify_another(files, authority):
    def is_authority(certificate):
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca

    assert is_authority(authority.certificate)
    assert not is_authority(load(files))


def test_keys_are_p256_and_private(files, tmp_path):
    for key_file in (files.key, tmp_path / "authority" / "key.pem"):
        key = load_pem_private_key(key_file.read_bytes(), password=None)
        assert isinstance(key.curve, ec.SECP256R1)
        assert permissions(key_file) == 0o600
    assert permissions(files.certificate_secret) == 0o600
    assert permissions(files.directory) == 0o700


def test_an_authority_is_opened_again(authority, tmp_path):
    assert Authority(tmp_path / "authority").certificate == authority.certificate


def test_a_certificate_lives_an_hour(files):
    certificate = load(files)
    assert certificate.not_valid_before_utc < datetime.now(UTC) < certificate.not_valid_after_utc
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc < timedelta(hours=1, minutes=2)


@pytest.mark.parametrize("lifetime", [timedelta(minutes=10), timedelta(days=1)])
def test_it_is_rotated_in_the_second_half_of_its_life(authority, tmp_path, lifetime):
    files = authority.issue("service-a", tmp_path / "certificate", lifetime=lifetime)
    end = load(files).not_valid_after_utc
    assert not files.needs_rotation(end - lifetime * 0.6)
    assert files.needs_rotation(end - lifetime * 0.4)
    assert files.needs_rotation(end + lifetime)


def test_without_a_certificate_one_is_needed(tmp_path):
    assert WorkloadFiles(tmp_path).needs_rotation(datetime.now(UTC))


def test_a_rotation_replaces_key_and_certificate(authority, files):
    before = files.key.read_bytes(), load(files).serial_number
    authority.issue("service-a", files.directory)
    assert files.key.read_bytes() != before[0]
    assert load(files).serial_number != before[1]


def test_the_secret_holds_what_the_files_hold(files):
    (certificate,) = json.loads(files.certificate_secret.read_text())["resources"]
    pair = certificate["tls_certificate"]
    assert pair["private_key"]["inline_string"] == files.key.read_text()
    assert pair["certificate_chain"]["inline_string"] == files.certificate.read_text()


@pytest.mark.usefixtures("authority")
def test_another_kind_of_key_is_not_an_authority(tmp_path):
    key = """-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
"""
    (tmp_path / "authority" / "key.pem").write_text(key)
    with pytest.raises(TypeError, match="no elliptic-curve key"):
        Authority(tmp_path / "authority")
