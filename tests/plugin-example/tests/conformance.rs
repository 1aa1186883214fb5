//! The rules that every source keeps.

use auditor_core::{
    config::PluginTable,
    registry::{Instance, SourceConfig as _},
    testkit::SourceFixture,
};
use our_auditor::BadgesConfig;
use serde_json::json;

/// Two sites with three badges.
async fn two_sites() -> SourceFixture {
    let folder = tempfile::tempdir().unwrap();
    for site in ["north", "south"] {
        let export = include_str!("../exports/north.json");
        let export = if site == "north" { export } else { r#"[{ "number": "7", "active": false }]"# };
        std::fs::write(folder.path().join(format!("{site}.json")), export).unwrap();
    }
    let settings = PluginTable::from_json(json!({ "path": folder.path() }));
    let config: BadgesConfig = settings.parse().unwrap();
    let instance = Instance { name: "badges".to_owned(), base_dir: ".".into() };
    SourceFixture {
        source: config.build(&instance).unwrap(),
        accounts: None,
        secrets: Vec::new(),
        expected: vec![("badge", 3)],
        keep: Box::new(folder),
    }
}

auditor_core::source_conformance!(two_sites);
