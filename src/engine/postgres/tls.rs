//! Encryption: what is asked for, and the TLS library set up for it.
//!
//! Knows: rustls, files with certificates. Must never know: the protocol inside.

mod certificate;
mod verify;

pub(super) use certificate::binding_hash;

use crate::error::{Error, Kind, Result};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, SupportedProtocolVersion};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use verify::{Chain, Judge};

/// How much encryption is wanted, with libpq's words and meanings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// None.
    Disable,
    /// Only if the server insists.
    Allow,
    /// If the server can.
    Prefer,
    /// Always; whose certificate it is does not matter, unless there is a file of trusted ones.
    Require,
    /// Always, with a certificate that is trusted.
    VerifyCa,
    /// Always, with a trusted certificate of the host itself.
    VerifyFull,
}

/// Whose certificates are trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Roots {
    /// Those of a file. It need not be there if nothing must be verified.
    File(Option<PathBuf>),
    /// Those of the operating system.
    System,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// How much.
    pub mode: Mode,
    /// Whom to trust.
    pub roots: Roots,
    /// A file with what has been revoked.
    pub revoked: Option<PathBuf>,
    /// A folder with such files.
    pub revoked_folder: Option<PathBuf>,
    /// Our own certificate, if the server wants one.
    pub certificate: Option<PathBuf>,
    /// Its key.
    pub key: Option<PathBuf>,
    /// The oldest version of TLS that will do: 2 or 3, for 1.2 or 1.3.
    pub oldest: u8,
    /// The newest.
    pub newest: u8,
    /// Whether the host's name is told to the server in clear.
    pub tell_name: bool,
    /// Whether the session begins with TLS, unasked.
    pub direct: bool,
}

/// The library, set up.
#[derive(Clone)]
pub(super) struct Client {
    config: Arc<ClientConfig>,
    full: bool,
}

impl Tls {
    /// Reads all files.
    ///
    /// # Errors
    /// `Kind::Config` when one of them is missing or cannot be used.
    pub(super) fn client(&self) -> Result<Client> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let versions: Vec<&'static SupportedProtocolVersion> =
            [(2, &rustls::version::TLS12), (3, &rustls::version::TLS13)]
                .into_iter()
                .filter(|(version, _)| (self.oldest..=self.newest).contains(version))
                .map(|(_, version)| version)
                .collect();
        let judge = Judge {
            chain: self.chain(&provider)?,
            name: self.mode == Mode::VerifyFull,
            algorithms: provider.signature_verification_algorithms,
        };
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&versions)
            .map_err(|error| trouble("no version of TLS is left to use").because(error))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(judge));
        let mut config = match self.identity()? {
            Some((chain, key)) => builder.with_client_auth_cert(chain, key).map_err(|error| {
                trouble("the client's certificate and its key cannot be used").because(error)
            })?,
            None => builder.with_no_client_auth(),
        };
        config.enable_sni = self.tell_name;
        config.resumption = Resumption::disabled();
        if self.direct {
            config.alpn_protocols = vec![b"postgresql".to_vec()];
        }
        Ok(Client { config: Arc::new(config), full: self.mode == Mode::VerifyFull })
    }

    /// Who is trusted; none if nothing is to be verified.
    fn chain(&self, provider: &Arc<rustls::crypto::CryptoProvider>) -> Result<Option<Chain>> {
        let roots = match &self.roots {
            Roots::System => rustls_native_certs::load_native_certs().certs,
            Roots::File(Some(path)) if path.exists() => certificates(path)?,
            Roots::File(_) if self.mode < Mode::VerifyCa => return Ok(None),
            Roots::File(Some(path)) => {
                return Err(trouble(format!("the root certificates {} are not there", path.display())).hint(
                    "sslrootcert names the file with the certificates that are trusted, or is \"system\"",
                ));
            }
            Roots::File(None) => return Err(trouble("no file with root certificates is given")),
        };
        let mut store = RootCertStore::empty();
        let (usable, _) = store.add_parsable_certificates(roots.iter().cloned());
        if usable == 0 {
            return Err(trouble("there is no root certificate that can be used"));
        }
        let revoked = self.revocations()?;
        let revocable = !revoked.is_empty();
        let usual = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider.clone())
            .with_crls(revoked)
            .build()
            .map_err(|error| trouble("the root certificates cannot be used").because(error))?;
        Ok(Some(Chain { usual, roots, revocable }))
    }

    fn revocations(&self) -> Result<Vec<CertificateRevocationListDer<'static>>> {
        let mut files: Vec<PathBuf> = self.revoked.iter().filter(|path| path.exists()).cloned().collect();
        if let Some(folder) = &self.revoked_folder {
            let entries = std::fs::read_dir(folder).map_err(|error| unreadable(folder, error))?;
            files.extend(entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()));
        }
        let mut all = Vec::new();
        for file in files {
            let lists = CertificateRevocationListDer::pem_file_iter(&file);
            let lists = lists.and_then(Iterator::collect::<Result<Vec<_>, _>>);
            all.extend(lists.map_err(|error| unreadable(&file, error))?);
        }
        Ok(all)
    }

    /// Our own certificate with its key, if there is one.
    fn identity(&self) -> Result<Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>> {
        let Some(file) = self.certificate.as_ref().filter(|file| file.exists()) else { return Ok(None) };
        let chain = certificates(file)?;
        let Some(key) = self.key.as_ref().filter(|key| key.exists()) else {
            let message = format!("the certificate {} has no private key", file.display());
            return Err(trouble(message).hint("sslkey names its file"));
        };
        guarded(key)?;
        let read = PrivateKeyDer::from_pem_file(key).map_err(|error| match error {
            pem::Error::NoItemsFound => {
                trouble(format!("there is no private key in {} that is not itself encrypted", key.display()))
                    .hint("openssl pkey -in KEY -out PLAIN removes the passphrase")
            }
            error => unreadable(key, error),
        })?;
        Ok(Some((chain, read)))
    }
}

impl Client {
    /// A session with the host, which is meant by its name if it has one.
    pub(super) fn session(&self, name: Option<&str>, found: std::net::IpAddr) -> Result<ClientConnection> {
        let named = name.and_then(|name| ServerName::try_from(name.trim_end_matches('.').to_owned()).ok());
        let name = match named {
            Some(name) => name,
            None if self.full => {
                return Err(trouble("sslmode=verify-full needs the name of the host"));
            }
            None => ServerName::IpAddress(found.into()),
        };
        ClientConnection::new(self.config.clone(), name)
            .map_err(|error| trouble("TLS cannot be used").because(error))
    }
}

/// A private key is nobody else's business; one that belongs to root may be its group's.
#[cfg(unix)]
fn guarded(key: &Path) -> Result<()> {
    use std::os::unix::fs::MetadataExt;
    let known = std::fs::metadata(key).map_err(|error| unreadable(key, error))?;
    let others = if known.uid() == 0 { 0o037 } else { 0o077 };
    if known.mode() & others == 0 {
        return Ok(());
    }
    let message = format!("the private key {} may be read or written by others", key.display());
    Err(trouble(message).hint(format!("type: chmod 600 {}", key.display())))
}

#[cfg(not(unix))]
fn guarded(_: &Path) -> Result<()> {
    Ok(())
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match read {
        Ok(found) if found.is_empty() => {
            Err(trouble(format!("there is no certificate in {}", path.display())))
        }
        Ok(found) => Ok(found),
        Err(error) => Err(unreadable(path, error)),
    }
}

fn unreadable(path: &Path, why: impl std::fmt::Display) -> Error {
    trouble(format!("{} cannot be read", path.display())).because(why)
}

fn trouble(message: impl Into<String>) -> Error {
    Error::new(Kind::Config, "postgres.tls", message)
}
