//! What the principals of AWS accounts may do.
