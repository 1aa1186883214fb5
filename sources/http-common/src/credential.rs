//! Secrets as headers.

use std::fmt;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};

/// A secret in the header that carries it. Never printed.
#[derive(Clone)]
pub struct Credential {
    pub(crate) name: HeaderName,
    pub(crate) value: HeaderValue,
    /// What must not be seen in anything a service answers.
    pub(crate) secret: SecretString,
}

/// A secret that no header can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("holds characters that cannot be sent: expected visible ASCII without line breaks")]
pub struct InvalidCredential;

impl Credential {
    /// `Authorization: Bearer …`.
    ///
    /// # Errors
    /// If the secret holds characters that a header cannot carry.
    pub fn bearer(token: &SecretString) -> Result<Self, InvalidCredential> {
        Self::new(AUTHORIZATION, &format!("Bearer {}", token.expose_secret()), token)
    }

    /// `Authorization: Basic …`.
    ///
    /// # Errors
    /// If the user's name holds a colon, which would shift the password.
    pub fn basic(user: &str, password: &SecretString) -> Result<Self, InvalidCredential> {
        if user.contains(':') {
            return Err(InvalidCredential);
        }
        let pair = BASE64_STANDARD.encode(format!("{user}:{}", password.expose_secret()));
        Self::new(AUTHORIZATION, &format!("Basic {pair}"), password)
    }

    /// The secret alone in a header of the service's own.
    ///
    /// # Errors
    /// If the secret holds characters that a header cannot carry.
    pub fn header(name: HeaderName, secret: &SecretString) -> Result<Self, InvalidCredential> {
        Self::new(name, secret.expose_secret(), secret)
    }

    fn new(name: HeaderName, value: &str, secret: &SecretString) -> Result<Self, InvalidCredential> {
        let mut value = HeaderValue::from_str(value).map_err(|_| InvalidCredential)?;
        value.set_sensitive(true);
        Ok(Self { name, value, secret: secret.clone() })
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential({}: [secret])", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> SecretString {
        text.to_owned().into()
    }

    #[test]
    fn headers_as_services_expect_them() {
        let basic = Credential::basic("Aladdin", &secret("open sesame")).unwrap();
        assert_eq!(basic.value.to_str().unwrap(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        let bearer = Credential::bearer(&secret("abc")).unwrap();
        assert_eq!(bearer.value.to_str().unwrap(), "Bearer abc");
        assert!(bearer.value.is_sensitive());
    }

    #[test]
    fn never_prints_its_secret_and_refuses_what_cannot_be_sent() {
        let token = Credential::header(HeaderName::from_static("x-token"), &secret("hunter2")).unwrap();
        assert_eq!(format!("{token:?}"), "Credential(x-token: [secret])");
        assert!(Credential::bearer(&secret("line\nbreak")).is_err());
        assert!(Credential::basic("a:b", &secret("c")).is_err());
    }
}
