//! auditor-tests
