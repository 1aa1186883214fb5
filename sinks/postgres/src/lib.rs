//! auditor-sink-postgres
