//! Whether a server's certificate is to be believed, as libpq judges it.
//!
//! Knows: certificates, who is trusted. Must never know: where that was configured.
//!
//! The TLS library judges more strictly than libpq in three points that PostgreSQL's own manual
//! leads users to: certificates of version 1, a certificate that signed itself and is trusted
//! as such, and names that stand in the common name only. These are judged here. That the server
//! holds the key of its certificate is always checked: a login may be tied to the certificate.

use super::certificate::Certificate;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use std::sync::Arc;

/// The judge.
#[derive(Debug)]
pub(super) struct Judge {
    /// The way to a trusted certificate, unless none is asked for.
    pub(super) chain: Option<Chain>,
    /// Whether the name must be right as well.
    pub(super) name: bool,
    pub(super) algorithms: WebPkiSupportedAlgorithms,
}

/// Who is trusted.
#[derive(Debug)]
pub(super) struct Chain {
    pub(super) usual: Arc<WebPkiServerVerifier>,
    pub(super) roots: Vec<CertificateDer<'static>>,
    /// Whether certificates may be revoked; only the usual way looks at that.
    pub(super) revocable: bool,
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        stapled: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(chain) = &self.chain else { return Ok(ServerCertVerified::assertion()) };
        if !self.direct(chain, certificate, now)? {
            let judged = chain.usual.verify_server_cert(certificate, intermediates, name, stapled, now);
            match judged {
                // The name is looked at last, so everything else is right. It is judged below.
                Ok(_)
                | Err(Error::InvalidCertificate(
                    CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
                )) => {}
                Err(error) => return Err(error),
            }
        }
        if self.name {
            right_name(certificate, name)?
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let parsed = parse(certificate)?;
        let wanted = self.algorithms.mapping.iter().filter(|(scheme, _)| *scheme == signed.scheme);
        let fitting = wanted
            .flat_map(|(_, algorithms)| algorithms.iter())
            .filter(|algorithm| algorithm.public_key_alg_id().as_ref() == parsed.key_algorithm);
        for algorithm in fitting {
            if algorithm.verify_signature(parsed.key, message, signed.signature()).is_ok() {
                return Ok(HandshakeSignatureValid::assertion());
            }
        }
        Err(CertificateError::BadSignature.into())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let key = SubjectPublicKeyInfoDer::from(parse(certificate)?.key_info);
        verify_tls13_signature_with_raw_key(message, &key, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

impl Judge {
    /// Whether the certificate is one that the TLS library does not take, and yet good: a trusted
    /// one that signed itself, or one of version 1 that a trusted one signed.
    fn direct(&self, chain: &Chain, der: &CertificateDer<'_>, now: UnixTime) -> Result<bool, Error> {
        let certificate = parse(der)?;
        let own = certificate.issuer == certificate.subject && chain.roots.contains(der);
        let signed = || {
            certificate.version == 1
                && chain
                    .roots
                    .iter()
                    .filter_map(|root| Certificate::parse(root))
                    .any(|root| root.subject == certificate.issuer && self.signed_by(&certificate, &root))
        };
        if chain.revocable || !(own || signed()) {
            return Ok(false);
        }
        let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        if now < certificate.from {
            return Err(CertificateError::NotValidYet.into());
        }
        if now > certificate.until {
            return Err(CertificateError::Expired.into());
        }
        Ok(true)
    }

    fn signed_by(&self, certificate: &Certificate<'_>, root: &Certificate<'_>) -> bool {
        self.algorithms.all.iter().any(|algorithm| {
            algorithm.signature_alg_id().as_ref() == certificate.signature_algorithm
                && algorithm.public_key_alg_id().as_ref() == root.key_algorithm
                && algorithm.verify_signature(root.key, certificate.body, certificate.signature).is_ok()
        })
    }
}

fn parse<'a>(certificate: &'a CertificateDer<'_>) -> Result<Certificate<'a>, Error> {
    Certificate::parse(certificate).ok_or_else(|| CertificateError::BadEncoding.into())
}

/// Alternative names count; the common name only if there are none.
fn right_name(der: &CertificateDer<'_>, name: &ServerName<'_>) -> Result<(), Error> {
    let certificate = parse(der)?;
    if certificate.has_names {
        let parsed = rustls::server::ParsedCertificate::try_from(der)?;
        return rustls::client::verify_server_name(&parsed, name);
    }
    match certificate.common_name() {
        Some(common) if stands_for(common, &name.to_str()) => Ok(()),
        _ => Err(CertificateError::NotValidForName.into()),
    }
}

/// Whether a common name stands for a host. `*.` stands for one label.
fn stands_for(common: &str, host: &str) -> bool {
    if common.eq_ignore_ascii_case(host) {
        return true;
    }
    let is_address = host.parse::<std::net::IpAddr>().is_ok();
    let below = common.strip_prefix("*.").filter(|below| !is_address && below.contains('.'));
    match (below, host.split_once('.')) {
        (Some(below), Some((label, rest))) => !label.is_empty() && below.eq_ignore_ascii_case(rest),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::stands_for;

    #[test]
    fn a_star_is_one_label() {
        for (common, host) in [("DB.example.com", "db.example.com"), ("*.example.com", "db.example.com")] {
            assert!(stands_for(common, host), "{common} {host}");
        }
        for (common, host) in [
            ("*.example.com", "a.b.example.com"),
            ("*.example.com", "example.com"),
            ("*.example.com", ".example.com"),
            ("*.com", "example.com"),
            ("*", "db"),
            ("*.0.0.1", "127.0.0.1"),
            ("", "db"),
        ] {
            assert!(!stands_for(common, host), "{common} {host}");
        }
    }
}
