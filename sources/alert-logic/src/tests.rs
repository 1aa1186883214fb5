//! The source against a fake Alert Logic.
