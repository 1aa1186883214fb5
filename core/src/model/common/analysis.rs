//! The common kind `analysis`.

use serde::{Deserialize, Serialize};

use crate::model::{Column, Kind};

/// That an analyzer looked at an account, and what at.
pub static ANALYSIS: Kind =
    Kind::new("analysis", "That an analyzer looked at an account, and what it looked at")
        .native_id("The account id; `estate` for an analyzer that looks at all of them at once")
        .columns(&[
            Column::integer("rules", "/rules", "Version of the analyzer's rules"),
            Column::timestamp(
                "holds_until",
                "/holds_until",
                "When the same records may give another result because time has passed. Null: never",
            )
            .activity(),
            Column::text("inputs", "/inputs", "Digest of the records it was made from").activity(),
        ]);

/// The document of an `analysis`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Analysis {
    /// Version of the analyzer's rules.
    pub rules: u32,
}
