//! TLS: rustls with the `ring` provider, named here rather than installed for the whole process, so that several crates
//! of one program never disagree about it.

use std::{
    error::Error,
    io,
    path::Path,
    sync::{Arc, OnceLock},
};

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};

/// TLS that trusts the platform's certificate authorities and those of `ca_file`.
///
/// # Errors
/// What is wrong with `ca_file`, as a sentence.
pub(crate) fn config(ca_file: Option<&Path>) -> Result<ClientConfig, String> {
    let mut roots = platform_roots().clone();
    if let Some(path) = ca_file {
        let path_text = path.display();
        let mut found = 0;
        for certificate in CertificateDer::pem_file_iter(path)
            .map_err(|error| format!("cannot read `{path_text}`: {error}"))?
        {
            let certificate =
                certificate.map_err(|error| format!("`{path_text}` is not a PEM file: {error}"))?;
            roots
                .add(certificate)
                .map_err(|error| format!("`{path_text}` holds a certificate that cannot be used: {error}"))?;
            found += 1;
        }
        if found == 0 {
            return Err(format!("`{path_text}` holds no certificate"));
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("`ring` speaks TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

/// Read once per process. Empty where the platform has none: then no certificate is trusted, and the error of the first
/// call says so.
fn platform_roots() -> &'static RootCertStore {
    static ROOTS: OnceLock<RootCertStore> = OnceLock::new();
    ROOTS.get_or_init(|| {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        roots
    })
}

/// What an operator can do about a certificate that was not accepted. `None` if that was not the trouble.
pub(crate) fn hint(error: &(dyn Error + 'static)) -> Option<&'static str> {
    use rustls::{CertificateError as E, Error::InvalidCertificate};

    let InvalidCertificate(wrong) = tls_error(error)? else { return None };
    Some(match wrong {
        E::UnknownIssuer => {
            "set `http.ca_file` to the certificate authority of the service, or of the proxy that opens its traffic"
        }
        E::Expired | E::ExpiredContext { .. } | E::NotValidYet | E::NotValidYetContext { .. } => {
            "the service's certificate is not valid today: check the clock of this machine"
        }
        E::NotValidForName | E::NotValidForNameContext { .. } => {
            "the certificate belongs to another host: check `http.endpoint`"
        }
        _ => {
            "the service's certificate was not accepted: check `http.endpoint`, `http.ca_file` and any proxy between"
        }
    })
}

/// The TLS error in a chain. `io::Error` hides what it wraps from `source()`.
pub fn tls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_error_is_found_inside_io_errors() {
        let error = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        let outer = io::Error::other(io::Error::other(error));
        assert!(hint(&outer).unwrap().contains("ca_file"));
        assert!(hint(&io::Error::other("reset")).is_none());
    }

    #[test]
    fn a_file_without_certificates_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("empty.pem");
        std::fs::write(&path, "nothing").unwrap();
        assert!(config(Some(&path)).unwrap_err().contains("empty.pem"));
        assert!(config(Some(&dir.path().join("missing.pem"))).unwrap_err().contains("missing.pem"));
        assert!(config(None).is_ok());
    }
}
