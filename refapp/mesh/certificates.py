"""A certificate authority of the platform's own, and the short-lived certificates of its workloads.

A certificate carries a SPIFFE identity as its only name (https://spiffe.io/docs/latest/spiffe-specs/x509-svid/).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from refapp.mesh.files import PRIVATE, replace, replace_resources
from refapp.mesh.identity import TRUST_DOMAIN, spiffe_id

LIFETIME = timedelta(hours=1)
"""How long a workload's certificate is valid, unless told otherwise."""

_AUTHORITY_LIFETIME = timedelta(days=365)
_CLOCK_SKEW = timedelta(minutes=1)
_SECRET = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"  # noqa: S105 - a type


@dataclass(frozen=True)
class WorkloadFiles:
    """Where a workload finds its key, its certificate and whom to trust: one directory per workload.

    `certificate_secret` holds key and certificate for Envoy, as a resource of its secret discovery service.
    """

    directory: Path

    @property
    def key(self) -> Path:
        """The private key, PEM, readable by its owner alone."""
        return self.directory / "key.pem"

    @property
    def certificate(self) -> Path:
        """The certificate, PEM."""
        return self.directory / "cert-chain.pem"

    @property
    def trust(self) -> Path:
        """The certificates of the authorities to trust, PEM."""
        return self.directory / "root-cert.pem"

    @property
    def certificate_secret(self) -> Path:
        """Key and certificate in one file, so that Envoy can never read one without the other."""
        return self.directory / "sds-certificate.json"

    def needs_rotation(self, now: datetime) -> bool:
        """Whether half of the certificate's lifetime has passed, or there is no certificate yet."""
        if not self.certificate_secret.exists():
            return True
        certificate = x509.load_pem_x509_certificate(self.certificate.read_bytes())
        begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        return now >= begin + (end - begin) / 2


class Authority:
    """The platform's certificate authority; its key stays in `directory`, readable by its owner alone.

    A directory that holds an authority already is opened; else a new one is made there.
    """

    def __init__(self, directory: Path) -> None:
        key_file, certificate_file = directory / "key.pem", directory / "root-cert.pem"
        # The certificate is written last: without it, a start that was cut short begins anew.
        if not certificate_file.exists():
            key = ec.generate_private_key(ec.SECP256R1())
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            replace(key_file, _pem(key), mode=PRIVATE)
            replace(certificate_file, _authority_certificate(key).public_bytes(Encoding.PEM))
        loaded = load_pem_private_key(key_file.read_bytes(), password=None)
        if not isinstance(loaded, ec.EllipticCurvePrivateKey):
            raise TypeError(f"{key_file} holds no elliptic-curve key; remove {directory} to make a new authority")
        self._key = loaded
        self.certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())

    def issue(self, workload: str, directory: Path, *, lifetime: timedelta = LIFETIME) -> WorkloadFiles:
        """Give a workload a new key and certificate, replacing those in `directory`.

        A running Envoy that reads the secrets from there uses them for its next connections and keeps those it has.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._workload_certificate(workload, key, lifetime).public_bytes(Encoding.PEM)
        files = WorkloadFiles(directory)
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace(files.key, _pem(key), mode=PRIVATE)
        replace(files.certificate, certificate)
        replace(files.trust, self.certificate.public_bytes(Encoding.PEM))
        chain = {"certificate_chain": _inline(certificate), "private_key": _inline(_pem(key))}
        replace_resources(
            files.certificate_secret,
            {"@type": _SECRET, "name": "certificate", "tls_certificate": chain},
            mode=PRIVATE,
        )
        return files

    def _workload_certificate(
        self, workload: str, key: ec.EllipticCurvePrivateKey, lifetime: timedelta
    ) -> x509.Certificate:
        identity = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(spiffe_id(workload))])
        usages = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
        issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return (
            _builder(key, lifetime)
            .subject_name(x509.Name([]))
            .issuer_name(self.certificate.subject)
            .add_extension(identity, critical=True)  # critical where the subject is empty: RFC 5280, 4.2.1.6
            .add_extension(_key_usage("digital_signature"), critical=True)
            .add_extension(usages, critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(issuer_key, critical=False)
            .sign(self._key, hashes.SHA256())
        )


def _authority_certificate(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, TRUST_DOMAIN)])
    identity = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(f"spiffe://{TRUST_DOMAIN}")])
    return (
        _builder(key, _AUTHORITY_LIFETIME)
        .subject_name(name)
        .issuer_name(name)
        .add_extension(identity, critical=False)
        .add_extension(_key_usage("key_cert_sign", "crl_sign"), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _builder(key: ec.EllipticCurvePrivateKey, lifetime: timedelta) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + lifetime)
    )


def _key_usage(*granted: str) -> x509.KeyUsage:
    usages = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{usage: usage in granted for usage in usages})


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _inline(pem: bytes) -> dict[str, str]:
    return {"inline_string": pem.decode()}
