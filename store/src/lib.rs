//! auditor-store
