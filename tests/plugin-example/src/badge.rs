//! What a badge is, and how one of an export becomes a record.

use auditor_core::{
    model::{Column, Kind, Resource},
    source::Target,
};
use serde::Deserialize;
use serde_json::json;

pub static BADGE: Kind = Kind::new("badge", "A badge that opens doors")
    .native_id("The number the access system gave it, never used again")
    .columns(&[
        Column::text("holder", "/holder", "Address of the person it was handed to. Null: not said"),
        Column::boolean("active", "/active", "Whether it opens anything"),
        Column::timestamp("last_used_at", "/last_used_at", "Last door it opened. Null: none on record")
            .activity(),
    ])
    .permissions(&["read the folder of exports"]);

/// A badge as an export has it.
#[derive(Deserialize)]
pub struct Badge {
    number: String,
    holder: Option<String>,
    active: bool,
    last_used_at: Option<String>,
}

impl Badge {
    pub fn resource(self, target: &Target) -> Resource {
        let document = json!({ "holder": self.holder, "active": self.active });
        Resource::new(&BADGE, target.account.clone(), self.number, document)
            .with_activity(json!({ "last_used_at": self.last_used_at }))
    }
}
