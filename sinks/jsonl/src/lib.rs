//! auditor-sink-jsonl
