//! Reading a reply's body: bounded while it streams, and never shown.

use std::fmt;

use auditor_core::error::SourceError;
use reqwest::{Response, header::CONTENT_TYPE};
use serde::de::DeserializeOwned;

/// What may be said of a body: what it claims to be, and how long it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shape {
    content_type: Option<String>,
    length: usize,
}

impl Shape {
    fn of(response: &Response) -> Self {
        let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        // Parameters say nothing of use.
        let content_type = content_type.and_then(|text| text.split(';').next()).map(crate::clean);
        Self { content_type, length: 0 }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.length == 0 {
            return f.write_str("an empty body");
        }
        match &self.content_type {
            Some(content_type) => write!(f, "`{content_type}` of {} bytes", self.length),
            None => write!(f, "{} bytes of no stated type", self.length),
        }
    }
}

/// A body that was read.
pub(crate) struct Body {
    pub(crate) bytes: Vec<u8>,
    pub(crate) shape: Shape,
}

impl Body {
    /// Reads a body up to `limit` bytes, unpacked. The rest is not even fetched.
    pub(crate) async fn read(
        action: &'static str,
        mut response: Response,
        limit: u64,
    ) -> Result<Self, SourceError> {
        let mut shape = Shape::of(&response);
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| broken_off(action, error))? {
            if (bytes.len() + chunk.len()) as u64 > limit {
                return Err(SourceError::rejected(action, format!("the reply is larger than {limit} bytes"))
                    .with_hint("raise `http.max_reply_bytes` if a reply of that size is to be expected"));
            }
            bytes.extend_from_slice(&chunk);
        }
        shape.length = bytes.len();
        Ok(Self { bytes, shape })
    }

    /// Reads as much of an error's body as a message can be in. That it cannot be read is no further error.
    pub(crate) async fn read_error(mut response: Response) -> Self {
        const LIMIT: usize = 64 * 1024;
        let mut shape = Shape::of(&response);
        let mut bytes = Vec::new();
        while let Ok(Some(chunk)) = response.chunk().await {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > LIMIT {
                break;
            }
        }
        shape.length = bytes.len();
        Self { bytes, shape }
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// [`Malformed`](SourceError::Malformed) with the place, never the text: the parser's own words may repeat it.
    pub(crate) fn json<T: DeserializeOwned>(&self, action: &'static str) -> Result<T, SourceError> {
        serde_json::from_slice(&self.bytes).map_err(|error| {
            let shape = &self.shape;
            let what = match error.classify() {
                _ if self.bytes.is_empty() => return SourceError::malformed(action, "an empty body"),
                serde_json::error::Category::Eof => "JSON that ends too early",
                serde_json::error::Category::Data => "JSON of another form than documented",
                _ => "no JSON",
            };
            let (line, column) = (error.line(), error.column());
            SourceError::malformed(action, format!("{what}: {shape}, at line {line}, column {column}"))
        })
    }
}

/// The error of a reply that stopped coming.
fn broken_off(action: &'static str, error: reqwest::Error) -> SourceError {
    // The address may carry keys.
    let error = error.without_url();
    if error.is_decode() {
        SourceError::malformed(action, "the body could not be unpacked, or was cut off")
    } else {
        SourceError::unavailable(action, error)
    }
}
