//! auditor-sink-sqlite
