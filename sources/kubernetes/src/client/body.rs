//! Bodies of replies: of bounded size, and never shown.

use std::fmt;

use auditor_core::error::{SourceError, chain};
use http::{header::CONTENT_TYPE, response::Parts};
use http_body_util::BodyExt as _;
use kube::client::Body;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

/// Errors' bodies are read up to this many bytes.
const ERROR_BYTES: usize = 64 * 1024;

/// A body that was read, or the beginning of an error's.
pub(crate) struct Bytes {
    bytes: Vec<u8>,
    content_type: Option<String>,
}

impl Bytes {
    /// Reads a body up to `limit` bytes, unpacked. The rest is not even fetched.
    ///
    /// # Errors
    /// [`Rejected`](SourceError::Rejected) if it is larger, [`Unavailable`](SourceError::Unavailable) if it is cut off.
    pub(super) async fn read(
        action: &'static str,
        parts: &Parts,
        mut body: Body,
        limit: u64,
    ) -> Result<Self, SourceError> {
        let mut this = Self::of(parts);
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| {
                SourceError::unavailable(action, format!("the reply was cut off: {}", chain(&error)))
            })?;
            let Ok(data) = frame.into_data() else { continue };
            if (this.bytes.len() + data.len()) as u64 > limit {
                return Err(SourceError::rejected(action, format!("the reply is larger than {limit} bytes"))
                    .with_hint("lower `page_size`, or raise `max_reply_bytes`, of this source"));
            }
            this.bytes.extend_from_slice(&data);
        }
        Ok(this)
    }

    /// Reads as much of an error's body as a message can be in. That it cannot be read is no further error.
    pub(super) async fn read_error(parts: &Parts, mut body: Body) -> Self {
        let mut this = Self::of(parts);
        while let Some(Ok(frame)) = body.frame().await {
            if let Ok(data) = frame.into_data() {
                this.bytes.extend_from_slice(&data);
            }
            if this.bytes.len() > ERROR_BYTES {
                break;
            }
        }
        this
    }

    fn of(parts: &Parts) -> Self {
        let content_type = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        Self { bytes: Vec::new(), content_type: content_type.map(auditor_http_common::clean) }
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// [`Malformed`](SourceError::Malformed) with the place, never the text: the parser's own words may repeat it.
    pub(crate) fn json<T: DeserializeOwned>(&self, action: &'static str) -> Result<T, SourceError> {
        serde_json::from_slice(&self.bytes).map_err(|error| {
            let what = match error.classify() {
                _ if self.bytes.is_empty() => return SourceError::malformed(action, "an empty body"),
                Category::Eof => "JSON that ends too early",
                Category::Data => "JSON of another form than documented",
                Category::Syntax | Category::Io => "no JSON",
            };
            let (line, column) = (error.line(), error.column());
            SourceError::malformed(action, format!("{what}: {self}, at line {line}, column {column}"))
        })
    }

    /// The body as JSON, if it is that.
    pub(super) fn try_json<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.bytes).ok()
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = self.bytes.len();
        match &self.content_type {
            _ if length == 0 => f.write_str("an empty body"),
            Some(content_type) => write!(f, "`{content_type}` of {length} bytes"),
            None => write!(f, "{length} bytes of no stated type"),
        }
    }
}
