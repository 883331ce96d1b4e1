//! Project URIs as Sqitch's URI library writes them: the form that is hashed and the form that
//! the registry holds differ.

/// Schemes whose host is folded to lower case, with the port that is left out.
const SERVER_SCHEMES: [(&str, &str); 14] = [
    ("http", "80"),
    ("https", "443"),
    ("ftp", "21"),
    ("gopher", "70"),
    ("ldap", "389"),
    ("ldaps", "636"),
    ("nntp", "119"),
    ("pop", "110"),
    ("rlogin", "513"),
    ("rsync", "873"),
    ("rtsp", "554"),
    ("sftp", "22"),
    ("ssh", "22"),
    ("telnet", "23"),
];

/// The text that goes into `projects.uri`: as written, only escaped where a URI may not hold a
/// character, and with an international host name in its ASCII form.
#[must_use]
pub fn stored(uri: &str) -> String {
    match Parts::of(uri) {
        Some(parts) if parts.server().is_some() => {
            let host = ascii_host(parts.host);
            format!(
                "{}:{}{}{}{}",
                parts.scheme,
                escape(parts.before_host),
                host,
                parts.port_text(),
                escape(parts.rest)
            )
        }
        _ => escape(uri),
    }
}

/// The canonical form, which enters the ids of changes and tags.
#[must_use]
pub fn canonical(uri: &str) -> String {
    let stored = stored(uri);
    let Some(parts) = Parts::of(&stored) else { return stored };
    let scheme = parts.scheme.to_ascii_lowercase();
    let tidy = |text: &str| tidy_escapes(text);
    let Some((_, default_port)) = parts.server() else {
        let rest = tidy(parts.after_scheme);
        let rest = if scheme == "urn" { lower_namespace(&rest) } else { rest };
        return format!("{scheme}:{rest}");
    };
    let host = tidy(parts.host).to_ascii_lowercase();
    let port = match parts.port {
        Some("") | None => String::new(),
        Some(port) if port == default_port => String::new(),
        Some(port) => format!(":{port}"),
    };
    let web = matches!(scheme.as_str(), "http" | "https");
    let rest = if web && parts.rest.is_empty() { "/".to_owned() } else { tidy(parts.rest) };
    format!("{scheme}:{}{host}{port}{rest}", tidy(parts.before_host))
}

/// A URI taken apart as far as is needed here.
struct Parts<'a> {
    scheme: &'a str,
    after_scheme: &'a str,
    /// `//` and the user part with its `@`.
    before_host: &'a str,
    host: &'a str,
    port: Option<&'a str>,
    rest: &'a str,
}

impl<'a> Parts<'a> {
    fn of(uri: &'a str) -> Option<Parts<'a>> {
        let (scheme, after_scheme) = uri.split_once(':')?;
        let fits = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-'));
        if !fits {
            return None;
        }
        let authority_length = match after_scheme.strip_prefix("//") {
            Some(rest) => 2 + rest.find(['/', '?', '#']).unwrap_or(rest.len()),
            None => 0,
        };
        let (authority, rest) = after_scheme.split_at_checked(authority_length)?;
        let host_at = authority.rfind('@').map_or(authority.len().min(2), |at| at + 1);
        let (before_host, host_port) = authority.split_at_checked(host_at)?;
        let (host, port) = match host_port.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => (host, Some(port)),
            _ => (host_port, None),
        };
        Some(Parts { scheme, after_scheme, before_host, host, port, rest })
    }

    fn server(&self) -> Option<(&'static str, &'static str)> {
        if self.before_host.is_empty() {
            return None;
        }
        SERVER_SCHEMES.into_iter().find(|(scheme, _)| scheme.eq_ignore_ascii_case(self.scheme))
    }

    fn port_text(&self) -> String {
        self.port.map(|port| format!(":{port}")).unwrap_or_default()
    }
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte)
}

/// Escapes every byte that a URI may not hold.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if is_unreserved(byte) || b";/?:@&=+$,[]%#".contains(&byte) {
            out.push(byte as char);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Decodes escapes of unreserved characters and writes the others with capital digits.
fn tidy_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        let digits = from.get(1..3).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        match digits.and_then(|d| u8::from_str_radix(d, 16).ok()) {
            Some(byte) if is_unreserved(byte) => out.push(byte as char),
            Some(byte) => out.push_str(&format!("%{byte:02X}")),
            None => out.push('%'),
        }
        rest = from.get(if digits.is_some() { 3 } else { 1 }..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// `ISBN:0-395…` → `isbn:0-395…`
fn lower_namespace(rest: &str) -> String {
    match rest.split_once(':') {
        Some((namespace, name)) => format!("{}:{name}", namespace.to_ascii_lowercase()),
        None => rest.to_owned(),
    }
}

fn ascii_host(host: &str) -> String {
    if host.is_ascii() {
        return escape(host);
    }
    let label = |label: &str| {
        if label.is_ascii() {
            return label.to_owned();
        }
        match punycode::encode(&label.to_lowercase()) {
            Ok(code) => format!("xn--{code}"),
            Err(()) => escape(label),
        }
    };
    host.split('.').map(label).collect::<Vec<_>>().join(".")
}
