//! Canonical documents, fingerprints and digests: how a change is told from no change.

use std::{fmt, fmt::Write as _};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Writes a JSON value in its one canonical form: keys sorted by code point, no white space, integral numbers as
/// integers. The form survives a round trip through PostgreSQL `jsonb`, so stored documents can be checked later.
///
/// Arrays keep their order: whether an array is a set only the source knows.
pub fn canonical_json(value: &Value) -> String {
    let mut out = String::with_capacity(256);
    write_value(&mut out, value);
    out
}

fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => write_number(out, number),
        Value::String(text) => write_string(out, text),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_value(out, item);
            }
            out.push(']');
        }
        Value::Object(map) => {
            // `serde_json`'s map is sorted unless another crate turns `preserve_order` on: do not rely on it.
            let mut entries: Vec<_> = map.iter().collect();
            if !entries.is_sorted_by(|a, b| a.0 <= b.0) {
                entries.sort_unstable_by(|a, b| a.0.cmp(b.0));
            }
            out.push('{');
            for (i, (key, item)) in entries.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_string(out, key);
                out.push(':');
                write_value(out, item);
            }
            out.push('}');
        }
    }
}

/// `jsonb` keeps numbers as exact decimals and prints `1e17` as digits, which reads back as an integer; so integral
/// floats are written as integers from the start.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked first")]
fn write_number(out: &mut String, number: &serde_json::Number) {
    const U64_END: f64 = 18_446_744_073_709_551_616.0;
    const I64_MIN: f64 = -9_223_372_036_854_775_808.0;
    let result = match number.as_f64() {
        Some(float) if number.is_f64() && float.fract() == 0.0 && (0.0..U64_END).contains(&float) => {
            write!(out, "{}", float as u64)
        }
        Some(float) if number.is_f64() && float.fract() == 0.0 && (I64_MIN..=0.0).contains(&float) => {
            write!(out, "{}", float as i64)
        }
        _ => write!(out, "{number}"),
    };
    result.expect("writing to a string cannot fail");
}

fn write_string(out: &mut String, text: &str) {
    out.push_str(&serde_json::to_string(text).expect("a string is always valid JSON"));
}

/// BLAKE3 hash that stands for one state of a resource: two states with the same fingerprint are the same state.
///
/// Made by [`Record::new`](super::Record::new) over account, name, the provider's times and the canonical document;
/// activity is left out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

/// BLAKE3 hash over the (native id, fingerprint) pairs of a scope, in the byte order of the native ids.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

macro_rules! hash_type {
    ($name:ident) => {
        impl $name {
            /// From its 32 bytes.
            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// From stored bytes; `None` unless there are exactly 32.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }

            /// Its 32 bytes.
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&blake3::Hash::from_bytes(self.0).to_hex())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl std::str::FromStr for $name {
            type Err = blake3::HexError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self(*blake3::Hash::from_hex(text)?.as_bytes()))
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

hash_type!(Fingerprint);
hash_type!(Digest);

impl Fingerprint {
    /// Hash of an activity, which must be canonical JSON.
    pub fn of_activity(activity: &str) -> Self {
        Self(*blake3::hash(activity.as_bytes()).as_bytes())
    }
}

/// Hashes parts of unequal length so that no two different sequences of parts collide: each part carries its length.
#[derive(Clone)]
pub struct DigestBuilder(blake3::Hasher);

impl DigestBuilder {
    /// An empty builder; `domain` keeps hashes of different things apart.
    pub fn new(domain: &str) -> Self {
        Self(blake3::Hasher::new_derive_key(domain))
    }

    /// Adds one part.
    pub fn part(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }

    /// Adds a part that may be absent; absent and empty differ.
    pub fn optional(&mut self, bytes: Option<&[u8]>) -> &mut Self {
        if let Some(bytes) = bytes {
            self.0.update(&[1]);
            self.part(bytes)
        } else {
            self.0.update(&[0]);
            self
        }
    }

    /// The hash so far, as a fingerprint.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(*self.0.finalize().as_bytes())
    }

    /// The hash so far, as a digest.
    pub fn digest(&self) -> Digest {
        Digest(*self.0.finalize().as_bytes())
    }
}

/// Digest of a scope: its (native id, fingerprint) pairs, which must come in byte order of the native ids, each once.
pub fn digest_of<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a Fingerprint)>) -> Digest {
    // Hashing many bytes at once is several times faster than the same bytes pair by pair.
    const CHUNK: usize = 16 * 1024;
    let mut builder = DigestBuilder::new("auditor scope digest v1");
    let mut chunk = Vec::with_capacity(CHUNK);
    for (native_id, fingerprint) in pairs {
        chunk.extend_from_slice(&(native_id.len() as u64).to_le_bytes());
        chunk.extend_from_slice(native_id.as_bytes());
        chunk.extend_from_slice(fingerprint.as_bytes());
        if chunk.len() >= CHUNK {
            builder.0.update(&chunk);
            chunk.clear();
        }
    }
    builder.0.update(&chunk);
    builder.digest()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn canonical_form_sorts_keys_and_folds_integral_floats() {
        let value: Value =
            serde_json::from_str(r#"{"b":1.0,"a":[1e17,-0.0,0.5,-2e3],"é":"\u000a\"","A":null}"#).unwrap();
        assert_eq!(
            canonical_json(&value),
            r#"{"A":null,"a":[100000000000000000,0,0.5,-2000],"b":1,"é":"\n\""}"#
        );
    }

    #[test]
    fn canonical_form_is_stable_under_reparsing() {
        for text in
            ["18446744073709551615", "-9223372036854775808", "1e300", "1.5e-9", "123456789.125", "2e19"]
        {
            let once = canonical_json(&serde_json::from_str(text).unwrap());
            let twice = canonical_json(&serde_json::from_str(&once).unwrap());
            assert_eq!(once, twice);
        }
    }

    #[test]
    fn digest_parts_cannot_slide_into_each_other() {
        let digest = |parts: &[&str]| {
            let mut builder = DigestBuilder::new("test");
            for part in parts {
                builder.part(part.as_bytes());
            }
            builder.digest()
        };
        assert_ne!(digest(&["ab", "c"]), digest(&["a", "bc"]));
        assert_ne!(digest(&[""]), digest(&[]));
    }

    #[test]
    fn hashes_print_and_parse() {
        let digest = digest_of([]);
        assert_eq!(digest.to_string().parse::<Digest>().unwrap(), digest);
        assert_eq!(serde_json::from_value::<Digest>(json!(digest)).unwrap(), digest);
    }
}
