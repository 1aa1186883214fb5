//! End to end: the built program.

