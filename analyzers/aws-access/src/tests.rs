//! Invented accounts.
