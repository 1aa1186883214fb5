//! Settings of the sink.

use std::path::{Path, PathBuf};

use auditor_core::{
    config::Problem,
    registry::{Instance, SinkConfig},
    sink::Sink,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{output::Output, sink::JsonlSink};

/// Settings of one `jsonl` sink.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JsonlConfig {
    /// File to append to, made if it is not there. `-` writes to standard output instead.
    pub path: PathBuf,
}

impl SinkConfig for JsonlConfig {
    fn validate(&self) -> Vec<Problem> {
        if self.path.as_os_str().is_empty() {
            vec![Problem::new("path", "must name a file, or be `-` for standard output")]
        } else {
            Vec::new()
        }
    }

    fn build(self, instance: &Instance) -> Result<Box<dyn Sink>, Vec<Problem>> {
        let output = if self.path == Path::new("-") {
            Output::Stdout
        } else {
            Output::File(instance.path(&self.path))
        };
        Ok(Box::new(JsonlSink::new(output)))
    }
}
