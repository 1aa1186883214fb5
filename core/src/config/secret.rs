//! Secrets: named in the file, never printed.

use std::{fmt, path::PathBuf};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de::Error as _};

use super::Problem;
use crate::registry::Instance;

/// A secret setting: a string, `{ env = "NAME" }` or `{ file = "path" }`.
#[derive(Clone)]
pub enum Secret {
    /// Written in the file itself.
    Value(SecretString),
    /// Taken from an environment variable.
    Env(String),
    /// Taken from a file; white space at its end is cut off.
    File(PathBuf),
}

impl Secret {
    /// Reads a reference as kept in the account table: `env:NAME` or `file:/path`.
    pub fn from_reference(text: &str) -> Option<Self> {
        match text.split_once(':') {
            Some(("env", name)) if !name.is_empty() => Some(Self::Env(name.to_owned())),
            Some(("file", path)) if !path.is_empty() => Some(Self::File(path.into())),
            _ => None,
        }
    }

    /// The secret's text.
    ///
    /// # Errors
    /// A sentence that names the variable or file, never the secret.
    pub fn resolve(&self, instance: &Instance) -> Result<SecretString, Problem> {
        let text = match self {
            Self::Value(secret) => return Ok(secret.clone()),
            Self::Env(name) => std::env::var(name).map_err(|error| match error {
                std::env::VarError::NotPresent => {
                    Problem::new("", format!("the environment variable `{name}` is not set"))
                }
                std::env::VarError::NotUnicode(_) => {
                    Problem::new("", format!("the environment variable `{name}` is not UTF-8"))
                }
            })?,
            Self::File(path) => {
                let path = instance.path(path);
                std::fs::read_to_string(&path)
                    .map(|text| text.trim_end().to_owned())
                    .map_err(|error| Problem::new("", format!("cannot read `{}`: {error}", path.display())))?
            }
        };
        if text.is_empty() {
            return Err(Problem::new("", format!("{self:?} is empty")));
        }
        Ok(text.into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(_) => f.write_str("[secret]"),
            Self::Env(name) => write!(f, "the environment variable `{name}`"),
            Self::File(path) => write!(f, "the file `{}`", path.display()),
        }
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // By way of a plain value, because serde's own errors would repeat the secret.
        let expected = "expected a string, `{ env = \"NAME\" }` or `{ file = \"path\" }`";
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => Ok(Self::Value(text.into())),
            serde_json::Value::Object(map) if map.len() == 1 => match map.into_iter().next() {
                Some((key, serde_json::Value::String(name))) if key == "env" => Ok(Self::Env(name)),
                Some((key, serde_json::Value::String(path))) if key == "file" => Ok(Self::File(path.into())),
                _ => Err(D::Error::custom(expected)),
            },
            _ => Err(D::Error::custom(expected)),
        }
    }
}

impl JsonSchema for Secret {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let object = |key: &str, description: &str| {
            json_schema!({
                "type": "object",
                "properties": { key: { "type": "string", "description": description } },
                "required": [key],
                "additionalProperties": false,
            })
        };
        json_schema!({
            "description": "A secret: a string, `{ env = \"NAME\" }` or `{ file = \"path\" }`. Never printed.",
            "anyOf": [
                { "type": "string" },
                object("env", "Name of the environment variable that holds it."),
                object("file", "Path of the file that holds it."),
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn instance(dir: &std::path::Path) -> Instance {
        Instance { name: "x".to_owned(), base_dir: dir.to_owned() }
    }

    #[test]
    fn never_prints_its_value() {
        let secret: Secret = serde_json::from_str("\"hunter2\"").unwrap();
        assert_eq!(format!("{secret:?}"), "[secret]");
        let error = serde_json::from_str::<Secret>("{\"file\":[\"hunter2\"]}").unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn files_are_read_relative_to_the_configuration() {
        let dir = std::env::temp_dir().join(format!("auditor-secret-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join("token"), "hunter2\n").unwrap();
        let secret: Secret = serde_json::from_str("{\"file\":\"token\"}").unwrap();
        assert_eq!(secret.resolve(&instance(&dir)).unwrap().expose_secret(), "hunter2");
        let missing = Secret::from_reference("file:nowhere").unwrap().resolve(&instance(&dir)).unwrap_err();
        assert!(missing.message.contains("nowhere"), "{missing:?}");
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn references_need_a_known_scheme() {
        assert!(Secret::from_reference("env:NAME").is_some());
        assert!(Secret::from_reference("plain-external-id").is_none());
        assert!(Secret::from_reference("env:").is_none());
    }
}
