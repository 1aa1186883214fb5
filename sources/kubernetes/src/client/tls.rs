//! Certificates: which authorities are trusted, and what to do about one that was not accepted.

use std::error::Error;

use auditor_http_common::tls_error;
use rustls::{
    CertificateError as E,
    Error::InvalidCertificate,
    pki_types::{CertificateDer, pem::PemObject as _},
};

/// Certificates of a PEM file, as DER.
///
/// # Errors
/// What is wrong with it, as a sentence.
pub(super) fn authorities(pem: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    let certificates: Result<Vec<_>, _> =
        CertificateDer::pem_slice_iter(pem).map(|found| found.map(|der| der.to_vec())).collect();
    match certificates {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err("holds no certificate".to_owned()),
        Err(error) => Err(format!("is not a PEM file: {error}")),
    }
}

/// What an operator can do about a certificate that was not accepted. `None` if that was not the trouble.
pub(super) fn hint(error: &(dyn Error + 'static)) -> Option<&'static str> {
    let InvalidCertificate(wrong) = tls_error(error)? else { return None };
    Some(match wrong {
        E::UnknownIssuer => {
            "the kubeconfig's `certificate-authority` must be the authority that issued the server's certificate; the \
             server's own certificate in its place, which kubectl takes, is refused here"
        }
        E::Expired | E::ExpiredContext { .. } | E::NotValidYet | E::NotValidYetContext { .. } => {
            "the server's certificate is not valid today: check the clock of this machine"
        }
        E::NotValidForName | E::NotValidForNameContext { .. } => {
            "the server's certificate belongs to another host: check `server` in the kubeconfig, or set its \
             `tls-server-name`"
        }
        other if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            "the server presents a self-signed certificate of an authority as its own, which kubectl takes and this \
             program does not: give the server a certificate issued by that authority"
        }
        _ => {
            "the server's certificate was not accepted: check `certificate-authority` and `server` in the kubeconfig"
        }
    })
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn a_certificate_error_is_found_inside_others() {
        let wrapped = |wrong| io::Error::other(io::Error::other(InvalidCertificate(wrong)));
        assert!(hint(&wrapped(E::UnknownIssuer)).unwrap().contains("certificate-authority"));
        assert!(hint(&wrapped(E::NotValidForName)).unwrap().contains("tls-server-name"));
        assert!(hint(&io::Error::other("reset")).is_none());
    }

    #[test]
    fn what_is_no_certificate_is_said() {
        assert_eq!(authorities(b"nothing").unwrap_err(), "holds no certificate");
    }
}
