//! For the tests of plugin crates: an in-memory source and sink, a way to run one collection, and the conformance
//! suites that sources, sinks and analyzers pass. A feature, never part of the program.

mod analyzer_suite;
mod collect;
mod log;
mod memory_sink;
mod memory_source;
mod settings;
mod sink_suite;
mod source_suite;

pub use analyzer_suite::{AnalyzerFixture, analyzer_rules};
pub use collect::{Collected, collect, collect_cancelled, context};
pub use memory_sink::{MemorySink, StoredTask};
pub use memory_source::{MemorySource, Step, WIDGET, WIDGET_USER, target, widget};
pub use settings::{expect_problems, problems_of};
pub use sink_suite::{Kept, SinkFixture, sink_rules};
pub use source_suite::{DeniedFixture, SourceFixture, rules};
