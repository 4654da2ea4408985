//! TLS as librdkafka's `ssl.…` properties ask for it, by rustls.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

/// How much of the broker's certificate is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// It must come from an authority that is trusted.
    Verified,
    /// Anything goes (`enable.ssl.certificate.verification: false`).
    Anything,
}

/// Whether the certificate must name the host (`ssl.endpoint.identification.algorithm`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hostname {
    /// `https`.
    Checked,
    /// `none`.
    Unchecked,
}

/// Where certificates and keys are: each a file's name, or the PEM itself.
#[derive(Clone, Debug, Default)]
pub struct TlsFiles {
    /// The authorities' certificates: a file or a folder; without one, the system's.
    pub ca_location: Option<String>,
    /// The same as PEM.
    pub ca_pem: Option<String>,
    /// The client's own certificate, as a file.
    pub certificate_location: Option<String>,
    /// The same as PEM.
    pub certificate_pem: Option<String>,
    /// Its key, as a file.
    pub key_location: Option<String>,
    /// The same as PEM.
    pub key_pem: Option<String>,
}

/// What makes TLS of a TCP connection.
#[derive(Clone)]
pub struct Tls(pub TlsConnector);

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls")
    }
}

/// TLS with these certificates.
pub fn connector(files: &TlsFiles, trust: Trust, hostname: Hostname) -> Result<Tls, String> {
    let provider = Arc::new(ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = match trust {
        Trust::Anything => Arc::new(Lenient { inner: None, provider: Arc::clone(&provider) }),
        Trust::Verified => {
            let inner =
                WebPkiServerVerifier::builder_with_provider(Arc::new(roots(files)?), Arc::clone(&provider))
                    .build()
                    .map_err(|error| format!("`ssl.ca.location`: {error}"))?;
            match hostname {
                Hostname::Checked => inner,
                Hostname::Unchecked => {
                    Arc::new(Lenient { inner: Some(inner), provider: Arc::clone(&provider) })
                }
            }
        }
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let config = match own(files)? {
        None => builder.with_no_client_auth(),
        Some((chain, key)) => builder
            .with_client_auth_cert(chain, key)
            .map_err(|error| format!("`ssl.certificate.location`, `ssl.key.location`: {error}"))?,
    };
    Ok(Tls(TlsConnector::from(Arc::new(config))))
}

fn roots(files: &TlsFiles) -> Result<RootCertStore, String> {
    let mut found = Vec::new();
    match (&files.ca_pem, &files.ca_location) {
        (Some(pem), _) => found.extend(certificates(pem.as_bytes(), "ssl.ca.pem")?),
        (None, Some(location)) => {
            let failed = |error: std::io::Error| format!("`ssl.ca.location`: {location}: {error}");
            let path = Path::new(location);
            if path.is_dir() {
                for entry in
                    fs::read_dir(path).map_err(failed)?.flatten().filter(|entry| entry.path().is_file())
                {
                    let text = fs::read(entry.path()).map_err(failed)?;
                    // A folder of authorities may hold other things too.
                    found.extend(certificates(&text, "ssl.ca.location").unwrap_or_default());
                }
            } else {
                found = certificates(&fs::read(path).map_err(failed)?, "ssl.ca.location")?;
            }
        }
        (None, None) => found = rustls_native_certs::load_native_certs().certs,
    }
    let mut store = RootCertStore::empty();
    let (added, _) = store.add_parsable_certificates(found);
    if added == 0 {
        return Err("`ssl.ca.location` gives no certificate of an authority".to_owned());
    }
    Ok(store)
}

fn certificates(pem: &[u8], of: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match all {
        Ok(all) if !all.is_empty() => Ok(all),
        Ok(_) => Err(format!("`{of}` holds no certificate in PEM")),
        Err(error) => Err(format!("`{of}`: {error}")),
    }
}

type Own = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn own(files: &TlsFiles) -> Result<Option<Own>, String> {
    let text = |pem: &Option<String>, location: &Option<String>, of: &str| match (pem, location) {
        (Some(pem), _) => Ok(Some(pem.clone().into_bytes())),
        (None, Some(location)) => {
            fs::read(location).map(Some).map_err(|error| format!("`{of}`: {location}: {error}"))
        }
        (None, None) => Ok(None),
    };
    let chain = text(&files.certificate_pem, &files.certificate_location, "ssl.certificate.location")?;
    let key = text(&files.key_pem, &files.key_location, "ssl.key.location")?;
    match (chain, key) {
        (None, None) => Ok(None),
        (Some(chain), Some(key)) => {
            let key = PrivateKeyDer::from_pem_slice(&key)
                .map_err(|error| format!("`ssl.key.location`: {error}"))?;
            Ok(Some((certificates(&chain, "ssl.certificate.location")?, key)))
        }
        _ => Err("`ssl.certificate.location` and `ssl.key.location` go together".to_owned()),
    }
}

/// Believes more than it should, where the file says so: another host's certificate, or (without `inner`) any.
#[derive(Debug)]
struct Lenient {
    inner: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(inner) = &self.inner else {
            return Ok(ServerCertVerified::assertion());
        };
        match inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
