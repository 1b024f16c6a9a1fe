//! Encryption of connections: whom a server must be signed by.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bistro_store::StoreError;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::address::wrong;

/// The client's own certificate and its key.
pub(crate) type Own = Option<(PathBuf, PathBuf)>;

/// Whom to trust.
#[derive(Debug)]
pub(crate) enum Trust {
    /// No encryption.
    Plain,
    /// Encryption that holds off listeners, not impostors.
    Anyone { own: Own },
    /// Whoever the root signed, whatever its name.
    Chain { root: PathBuf, own: Own },
    /// Whoever the root (or one that the system trusts) signed, under the name that was asked for.
    Name { root: Option<PathBuf>, own: Own },
}

/// How connections are encrypted.
#[derive(Clone)]
pub(crate) enum Tls {
    Plain,
    Rustls(MakeRustlsConnect),
}

impl Tls {
    /// Reads the certificates.
    ///
    /// # Errors
    /// Files that cannot be read, or hold no certificates.
    pub(crate) fn new(trust: &Trust) -> Result<Self, StoreError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = match trust {
            Trust::Plain => return Ok(Tls::Plain),
            Trust::Name { root: None, own: None } => return system(),
            Trust::Name { root: None, own: Some(_) } => {
                return Err(wrong("sslcert with sslmode=verify-full needs sslrootcert=FILE"));
            }
            Trust::Anyone { own } => config(&provider, Arc::new(Anyone(provider.clone())), own)?,
            Trust::Chain { root, own } => {
                let inner = verifier(root, &provider)?;
                config(&provider, Arc::new(Nameless(inner)), own)?
            }
            Trust::Name { root: Some(root), own } => config(&provider, verifier(root, &provider)?, own)?,
        };
        Ok(Tls::Rustls(MakeRustlsConnect::new(config)))
    }
}

/// Trusts what the system trusts.
fn system() -> Result<Tls, StoreError> {
    // The driver's constructor takes the process's own provider; one that is set already stays.
    let _ = aws_lc_rs::default_provider().install_default();
    match MakeRustlsConnect::with_native_certs() {
        Ok((connect, _)) => Ok(Tls::Rustls(connect)),
        Err(errors) => {
            let cause = errors.first().map_or_else(|| "there are none".into(), ToString::to_string);
            Err(wrong(&format!(
                "the system's root certificates cannot be read ({cause}); name some with sslrootcert=FILE"
            )))
        }
    }
}

fn config(
    provider: &Arc<CryptoProvider>,
    verifier: Arc<dyn ServerCertVerifier>,
    own: &Own,
) -> Result<ClientConfig, StoreError> {
    let failed = |e: Error| wrong(&format!("encryption: {e}"));
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let Some((cert, key)) = own else { return Ok(builder.with_no_client_auth()) };
    let key = PrivateKeyDer::from_pem_file(key).map_err(|e| unread("sslkey", key, &e))?;
    builder.with_client_auth_cert(certificates("sslcert", cert)?, key).map_err(failed)
}

fn verifier(root: &Path, provider: &Arc<CryptoProvider>) -> Result<Arc<WebPkiServerVerifier>, StoreError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates("sslrootcert", root)? {
        roots.add(certificate).map_err(|e| unread("sslrootcert", root, &e))?;
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .build()
        .map_err(|e| unread("sslrootcert", root, &e))
}

fn certificates(word: &str, path: &Path) -> Result<Vec<CertificateDer<'static>>, StoreError> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let read = read.map_err(|e| unread(word, path, &e))?;
    if read.is_empty() {
        return Err(unread(word, path, &"it holds no certificate"));
    }
    Ok(read)
}

fn unread(word: &str, path: &Path, error: &dyn std::fmt::Display) -> StoreError {
    wrong(&format!("{word}={} cannot be used: {error}", path.display()))
}

/// Trusts whoever answers, as libpq's `require` does.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Trusts whoever the root signed, under any name.
#[derive(Debug)]
struct Nameless(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for Nameless {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        // The chain is verified before the name, so that this error means a good chain.
        match self.0.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            judged => judged,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}
