//! What stands in a certificate, as far as libpq looks at it and the TLS library does not tell.
//!
//! Knows: DER and X.509's layout. Must never know: who is trusted.

use sha2::{Digest, Sha256, Sha384, Sha512};

/// The parts of a certificate. `whole` ones include their own tag and length.
#[derive(Debug)]
pub(super) struct Certificate<'a> {
    /// What is signed, whole.
    pub(super) body: &'a [u8],
    /// 1, 2 or 3.
    pub(super) version: u8,
    pub(super) issuer: &'a [u8],
    pub(super) subject: &'a [u8],
    /// Seconds since 1970.
    pub(super) from: i64,
    pub(super) until: i64,
    /// The public key, whole, with its algorithm.
    pub(super) key_info: &'a [u8],
    pub(super) key_algorithm: &'a [u8],
    pub(super) key: &'a [u8],
    /// Names other than the subject's common name: of hosts or addresses.
    pub(super) has_names: bool,
    pub(super) signature_algorithm: &'a [u8],
    pub(super) signature: &'a [u8],
}

/// An element: tag, content, and the whole of it.
struct Element<'a> {
    tag: u8,
    content: &'a [u8],
    whole: &'a [u8],
}

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const BITS: u8 = 0x03;
const OCTETS: u8 = 0x04;
const OID: u8 = 0x06;
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];
const ALTERNATIVE_NAMES: [u8; 3] = [0x55, 0x1d, 0x11];

impl<'a> Certificate<'a> {
    /// Reads a certificate; `None` if it is none.
    pub(super) fn parse(mut der: &'a [u8]) -> Option<Certificate<'a>> {
        let mut outer = expect(&mut der, SEQUENCE)?.content;
        let body = expect(&mut outer, SEQUENCE)?;
        let signature_algorithm = expect(&mut outer, SEQUENCE)?.content;
        let signature = bits(expect(&mut outer, BITS)?.content)?;
        let mut rest = body.content;
        let version = match rest.first()? {
            0xa0 => next(&mut rest)?.content.last()?.checked_add(1)?,
            _ => 1,
        };
        let _serial = next(&mut rest)?;
        let _algorithm = expect(&mut rest, SEQUENCE)?;
        let issuer = expect(&mut rest, SEQUENCE)?.whole;
        let mut validity = expect(&mut rest, SEQUENCE)?.content;
        let (from, until) = (time(&next(&mut validity)?)?, time(&next(&mut validity)?)?);
        let subject = expect(&mut rest, SEQUENCE)?.whole;
        let key_info = expect(&mut rest, SEQUENCE)?;
        let mut key = key_info.content;
        let key_algorithm = expect(&mut key, SEQUENCE)?.content;
        let key = bits(expect(&mut key, BITS)?.content)?;
        Some(Certificate {
            body: body.whole,
            version,
            issuer,
            subject,
            from,
            until,
            key_info: key_info.whole,
            key_algorithm,
            key,
            has_names: has_names(rest)?,
            signature_algorithm,
            signature,
        })
    }

    /// The first common name of the subject.
    pub(super) fn common_name(&self) -> Option<&'a str> {
        let mut subject = self.subject;
        let mut parts = next(&mut subject)?.content;
        while !parts.is_empty() {
            let mut set = expect(&mut parts, SET)?.content;
            while !set.is_empty() {
                let mut pair = expect(&mut set, SEQUENCE)?.content;
                let name = expect(&mut pair, OID)?.content == COMMON_NAME;
                let value = next(&mut pair)?.content;
                if name {
                    // A NUL inside would make it look like another name to others.
                    return std::str::from_utf8(value).ok().filter(|name| !name.contains('\0'));
                }
            }
        }
        None
    }
}

/// The hash of a certificate to which a login is tied (RFC 5929: that of its signature, but never
/// one weaker than SHA-256). `None` if the algorithm has none.
pub(in crate::engine::postgres) fn binding_hash(der: &[u8]) -> Option<Vec<u8>> {
    const RSA: [u8; 8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
    const ECDSA: [u8; 6] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04];
    let mut algorithm = Certificate::parse(der)?.signature_algorithm;
    let oid = expect(&mut algorithm, OID)?.content;
    let bits = match (oid.strip_prefix(&RSA), oid.strip_prefix(&ECDSA)) {
        (Some([4 | 5 | 11]), _) | (_, Some([1] | [3, 2])) => 256,
        (Some([12]), _) | (_, Some([3, 3])) => 384,
        (Some([13]), _) | (_, Some([3, 4])) => 512,
        _ => return None,
    };
    Some(match bits {
        256 => Sha256::digest(der).to_vec(),
        384 => Sha384::digest(der).to_vec(),
        _ => Sha512::digest(der).to_vec(),
    })
}

/// Whether there are alternative names of hosts or addresses among the extensions, which end the
/// body of a certificate.
fn has_names(mut rest: &[u8]) -> Option<bool> {
    while !rest.is_empty() {
        let part = next(&mut rest)?;
        if part.tag != 0xa3 {
            continue;
        }
        let mut inner = part.content;
        let mut extensions = expect(&mut inner, SEQUENCE)?.content;
        while !extensions.is_empty() {
            let mut extension = expect(&mut extensions, SEQUENCE)?.content;
            if expect(&mut extension, OID)?.content != ALTERNATIVE_NAMES {
                continue;
            }
            let mut value = next(&mut extension)?;
            if value.tag != OCTETS {
                value = next(&mut extension)?;
            }
            let mut names = value.content;
            let mut names = expect(&mut names, SEQUENCE)?.content;
            while !names.is_empty() {
                if matches!(next(&mut names)?.tag, 0x82 | 0x87) {
                    return Some(true);
                }
            }
        }
    }
    Some(false)
}

fn next<'a>(rest: &mut &'a [u8]) -> Option<Element<'a>> {
    let all = *rest;
    let (&tag, after) = all.split_first()?;
    let (&first, mut after) = after.split_first()?;
    let length = match first {
        0..=0x7f => usize::from(first),
        0x81..=0x84 => {
            let (bytes, behind) = after.split_at_checked(usize::from(first & 0x0f))?;
            after = behind;
            bytes.iter().fold(0, |length, byte| (length << 8) | usize::from(*byte))
        }
        _ => return None,
    };
    let (content, behind) = after.split_at_checked(length)?;
    *rest = behind;
    let whole = all.get(..all.len().checked_sub(behind.len())?)?;
    Some(Element { tag, content, whole })
}

fn expect<'a>(rest: &mut &'a [u8], tag: u8) -> Option<Element<'a>> {
    next(rest).filter(|element| element.tag == tag)
}

/// The bytes of a string of bits that fills whole bytes.
fn bits(content: &[u8]) -> Option<&[u8]> {
    let (unused, bytes) = content.split_first()?;
    (*unused == 0).then_some(bytes)
}

/// `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`.
fn time(element: &Element<'_>) -> Option<i64> {
    let text = std::str::from_utf8(element.content).ok()?.strip_suffix('Z')?;
    let text = match element.tag {
        // Years from 1950 on.
        0x17 => format!("{}{text}", if text.get(..1)? < "5" { "20" } else { "19" }),
        0x18 => text.to_owned(),
        _ => return None,
    };
    let part = |from: usize, to: usize| text.get(from..to)?.parse::<i8>().ok();
    let year = text.get(..4)?.parse().ok()?;
    let moment = jiff::civil::DateTime::new(
        year,
        part(4, 6)?,
        part(6, 8)?,
        part(8, 10)?,
        part(10, 12)?,
        part(12, 14)?,
        0,
    );
    Some(moment.ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    /// Made by openssl: `req -x509 -newkey ec … -subj /CN=db.test -addext subjectAltName=DNS:db.test`.
    const SAMPLE: &str = "\
        3082018e30820133a003020102021433e150b088dc5db65dfda139aa9e7944d966bb91300a06082a8648ce3d04030230\
        123110300e06035504030c0764622e74657374301e170d3236313132313035343631305a170d33363131313830353436\
        31305a30123110300e06035504030c0764622e746573743059301306072a8648ce3d020106082a8648ce3d0301070342\
        00047faac07e0eda2391ad2d7b281811149efbdc78af3fd24106278efb8559f2bc664a70d2a13a2c6bcf9fca6861369b\
        d6220e1a60d7aff22b51aca71ff394baf4d3a3673065301d0603551d0e04160414b0301eb0917f0cc3ded3c9eca2cbc6\
        a6e338c99b301f0603551d23041830168014b0301eb0917f0cc3ded3c9eca2cbc6a6e338c99b300f0603551d130101ff\
        040530030101ff30120603551d11040b3009820764622e74657374300a06082a8648ce3d0403020349003046022100ba\
        4caceca7431c9fcc61331494e53455df37249fcd8dafe3f98f76eb05e53b4c02210082227efd5746ab2cc46b1836d692\
        1fa67d63d22a91f94f613e5d9c59b018c798";

    fn sample() -> Vec<u8> {
        (0..SAMPLE.len()).step_by(2).map(|at| u8::from_str_radix(&SAMPLE[at..at + 2], 16).unwrap()).collect()
    }

    #[test]
    fn a_certificate_is_read() {
        let der = sample();
        let certificate = Certificate::parse(&der).unwrap();
        assert_eq!((certificate.version, certificate.common_name()), (3, Some("db.test")));
        assert!(certificate.has_names && certificate.issuer == certificate.subject);
        assert_eq!(certificate.until - certificate.from, 3650 * 24 * 3600);
        assert_eq!(binding_hash(&der), Some(Sha256::digest(&der).to_vec()));
    }

    #[test]
    fn no_cut_or_changed_certificate_panics() {
        let der = sample();
        for end in 0..der.len() {
            assert!(Certificate::parse(&der[..end]).is_none(), "cut at {end}");
        }
        for at in 0..der.len() {
            for value in [0x00, 0x7f, 0x80, 0x84, 0xff] {
                let mut changed = der.clone();
                changed[at] = value;
                let _ = Certificate::parse(&changed).map(|certificate| certificate.common_name());
                let _ = binding_hash(&changed);
            }
        }
    }
}
